import { FusedBackend } from "./fused.ts";

export { serve } from "./device.ts";
export { RemoteBackend } from "./remote.ts";

/** Makes the backend: `registerBackend(tutorialBackend())`, then `{ device: "plain" }`. */
export const tutorialBackend = (): FusedBackend => new FusedBackend();
