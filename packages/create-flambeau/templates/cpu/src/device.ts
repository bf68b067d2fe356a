/** What the program computes on. */
export const chooseDevice = async (): Promise<string> => "cpu";
