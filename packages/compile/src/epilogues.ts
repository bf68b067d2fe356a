import { bytesOf, type Epilogues, type View } from "@flambeau/tensor/plugin";
import { composePrograms, isExact, type Source } from "./compose-programs.ts";
import { composeWindows } from "./compose-windows.ts";
import { type Ending, type Instruction, isAtStart, noDims, type Ref, type Seen } from "./instruction.ts";
import {
  elements,
  isQuiet,
  isRowMajor,
  isUntouched,
  programOf,
  rowMajor,
  sameWindow,
  type Uses,
  type Work,
} from "./uses.ts";

// A product whose result only one map reads, and that map: one call, where the backend has it.

/** Makes a kernel's one reader compute its result too, if that can be: the kernel's own call is not needed any more. */
export function endsIn(work: Work, uses: Uses, bytes: ReadonlyMap<Ref, number>): boolean {
  const { instruction, at } = work;
  const name = nameOf(instruction);
  const kernel = name === null ? undefined : instruction.backend.epilogues?.[name];
  if (name === null || kernel === undefined) return false;
  const [result] = instruction.writes;
  if (!isAtStart(result) || bytes.get(result.ref) !== elements(result) * bytesOf(result.dtype)) return false;
  if (!isExact(result.dtype) || uses.writers.get(result.ref)?.size !== 1) return false;
  const readers = [...(uses.readers.get(result.ref) ?? [])];
  if (readers.length !== 1) return false;
  const [reader] = readers;
  const { kind, backend, reads, writes } = reader.instruction;
  if (kind !== "map" || backend !== instruction.backend || reader.at < at) return false;
  for (const { ref } of instruction.reads) if (ref === writes[0].ref || !isQuiet(uses, ref, at, reader)) return false;
  // its other results come later, too
  const rest = instruction.writes.slice(1);
  for (const { ref } of rest) if (!isUntouched(uses, ref, work, reader)) return false;
  const shape = shapes[name](instruction);
  const whole: Seen = { ...result, shape, strides: rowMajor(shape) };
  const others: Seen[] = [];
  const sources: Source[] = [];
  for (const read of reads) {
    if (read.ref === result.ref) {
      if (!isAtStart(read) || elements(read) !== elements(result) || !isRowMajor(read)) return false;
      sources.push({ input: 0 });
      continue;
    }
    if (read.ref === writes[0].ref && !sameWindow(read, writes[0])) return false;
    const windows = composeWindows({ ...writes[0], offset: 0, moving: null }, [read], whole);
    if (windows === null) return false;
    const known = others.findIndex((w) => w.dtype === read.dtype && sameWindow(w, windows[0]));
    sources.push({ input: 1 + (known >= 0 ? known : others.push(windows[0]) - 1) });
  }
  if (!isRowMajor(writes[0])) return false;
  const outer = programOf(reader);
  const dtypes = [result.dtype, ...others.map(({ dtype }) => dtype)];
  const program = composePrograms(outer, sources, dtypes, outer.params);
  const output = {
    ...whole,
    ref: writes[0].ref,
    dtype: writes[0].dtype,
    offset: writes[0].offset,
    moving: writes[0].moving,
  };
  const inputs = instruction.reads.length;
  const results = [output, ...rest];
  const seen = viewsOf([...instruction.reads, ...results, ...others]);
  const last = inputs + results.length;
  if (!kernel.supports(seen.slice(0, inputs), seen.slice(inputs, last), program, seen.slice(last))) return false;
  const what: Ending = { kernel, program, inputs };
  uses.forget(work);
  uses.forget(reader);
  reader.instruction = {
    kind: "epilogue",
    backend,
    what,
    how: name,
    detail: 0,
    dims: noDims,
    reads: [...instruction.reads, ...others],
    writes: results,
  };
  if (instruction.kind === "fused") reader.attrs = work.node.dataCount - 1;
  reader.calls += work.calls;
  uses.add(reader);
  return true;
}

/** The shape in which a kernel's result is mapped. */
const shapes: { readonly [name in keyof Epilogues]-?: (call: Instruction) => readonly number[] } = {
  matmul: ({ writes }) => writes[0].shape,
  linear: ({ reads, writes }) => inRows(writes[0], elements(writes[0]) / reads[1].shape[0]),
  layerNorm: ({ writes }) => inRows(writes[0], elements(writes[1])),
  layerNormBackward: ({ reads, writes }) => inRows(writes[0], elements(reads[2])),
};
const inRows = (result: Seen, rows: number): readonly number[] => [rows, elements(result) / rows];

const nameOf = ({ kind, how }: Instruction): keyof Epilogues | null =>
  kind === "matmul" ? kind : kind === "fused" && Object.hasOwn(shapes, how) ? (how as keyof Epilogues) : null;

/** As views without memory, of which equal numbers have the same. */
function viewsOf(seen: readonly Seen[]): View[] {
  const buffers = new Map<Ref, object>();
  return seen.map(({ ref, dtype, offset, shape, strides }) => {
    let buffer = buffers.get(ref);
    if (buffer === undefined) buffers.set(ref, (buffer = {}));
    return { buffer, dtype, offset, shape, strides };
  });
}
