/** A kernel's arguments: numbers, and the bytes that its operands take, by slot. */
export interface Arguments {
  readonly numbers: Readonly<Record<number, number>>;
  readonly operands: Readonly<Record<number, number>>;
  /** What stands in operands that are not values, by slot. */
  readonly words?: Readonly<Record<number, readonly number[]>>;
  /** How many indices there are. */
  readonly count: number;
  /** Not checked against `count`: the kernel takes as many as its operands have room for. */
  readonly open?: true;
}

/** Consecutive slots. */
export const from = (first: number, ...values: number[]): Record<number, number> =>
  Object.fromEntries(values.map((value, i) => [first + i, value]));
