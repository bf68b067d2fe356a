import { type Compiled, compile, type Tensor, tidy } from "flambeau";
import { expect } from "vitest";

type Result = Tensor | readonly Tensor[];
const listOf = (result: Result): readonly Tensor[] => (Array.isArray(result) ? result : [result as Tensor]);

/** The bits of all results, with their shapes. */
export const bitsOf = (result: Result): unknown =>
  listOf(result).map((t) => {
    const values = t.dataSync();
    return {
      dtype: t.dtype,
      shape: t.shape,
      bits: [...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
    };
  });

/**
 * Calls a function and its compiled twin with the same arguments, several times over, so that the first call records, the second one
 * plans, and later ones run the plan: the bits are the same. Gives the twin.
 */
export function expectSameBits<A extends readonly unknown[]>(
  make: () => (...args: A) => Result,
  args: (call: number) => A,
  calls = 4,
): Compiled<(...args: A) => Result> {
  const eager = make();
  const compiled = compile(make() as (...args: A) => Tensor) as unknown as Compiled<(...args: A) => Result>;
  for (let call = 0; call < calls; call++)
    tidy(() => {
      const given = args(call);
      const wanted = bitsOf(eager(...given));
      expect(bitsOf(compiled(...given)), `call ${call}`).toEqual(wanted);
    });
  return compiled;
}
