import type { Backend } from "@flambeau/tensor/functional";
import { allocate, type Buffer, bytesOf, type Program } from "@flambeau/tensor/plugin";
import { type Data, noDims, type Ref } from "./instruction.ts";
import { elements, type Uses, type Work } from "./uses.ts";

// Single numbers that programs ask for over and over, as the gradient of a loss: plans share memory that holds them.

/** Whether a call fills one element that is then only read: with at most one number, which tells what it holds. */
export function isConstant({ instruction, params }: Work, uses: Uses, bytes: ReadonlyMap<Ref, number>): boolean {
  const { kind, reads, writes, what } = instruction;
  if (kind !== "map" || reads.length > 0 || params.length > 1) return false;
  const [{ ref, dtype }] = writes;
  return (
    elements(writes[0]) === 1 &&
    bytes.get(ref) === bytesOf(dtype) &&
    uses.writers.get(ref)?.size === 1 &&
    (what as Program).inputs.length === 0
  );
}

/** A constant of a plan: where it lies, and which number of a run its program gets. */
export interface Constant {
  readonly backend: Backend;
  readonly program: Program;
  readonly place: number;
  readonly param: { readonly data: number; readonly index: number } | null;
}
export const constantAt = ({ instruction, params }: Work, place: number): Constant => ({
  backend: instruction.backend,
  program: instruction.what as Program, // a map's
  place,
  param: params.length === 0 ? null : params[0],
});

/** How many a device keeps. Those that come later are made anew for each run. */
const most = 32;
interface Kept {
  readonly program: Program;
  readonly value: number;
  readonly buffer: Buffer;
}
const all = new WeakMap<Backend, Kept[]>();

/** Memory that was made for one run. */
export interface Loose {
  readonly backend: Backend;
  readonly buffer: Buffer;
}

/** Memory that holds what the program gives for the run's number: nobody writes it. What is not kept is the run's to free, in `loose`. */
export function constantIn(data: readonly Data[], { backend, program, param }: Constant, loose: Loose[]): Buffer {
  const value = param === null ? 0 : (data[param.data] as readonly number[])[param.index];
  let kept = all.get(backend);
  if (kept === undefined) all.set(backend, (kept = []));
  for (let i = 0; i < kept.length; i++)
    if (kept[i].program === program && Object.is(kept[i].value, value)) return kept[i].buffer;
  const buffer = allocate(backend, bytesOf(program.output));
  loose.push({ backend, buffer });
  const one = { buffer, dtype: program.output, offset: 0, shape: noDims, strides: noDims };
  backend.kernels.map(program, [], param === null ? noDims : [value], one, true);
  // only now it holds the number; a device that only compiles its kernels computes nothing
  if (kept.length < most && backend.warming !== true) {
    kept.push({ program, value, buffer });
    loose.pop();
  }
  return buffer;
}
