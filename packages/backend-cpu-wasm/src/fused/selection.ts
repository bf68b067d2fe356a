import type { DType } from "@flambeau/tensor";
import {
  bytesOf,
  contiguousStrides,
  type FusedKernels,
  halfCodec,
  isContiguous,
  sizeOf,
  typedArray,
  type View,
} from "@flambeau/tensor/plugin";
import { addressOf, type CpuBuffer } from "../buffer.ts";
import type { Engine } from "../engine/engine.ts";
import { type Line, quickselect, selectFirst } from "../engine/selection.ts";
import { placesOfRows, sortRows, topOfRows } from "../engine/sort.ts";
import { withWorkspace } from "../engine/workspace.ts";

/** Which of equal elements are chosen. In JavaScript: most lines have none at the places in question, and are done with by a look. */
export function selectionKernels(engine: Engine): Required<FusedKernels<"kthvalue" | "topk" | "median">> {
  const supports = (): boolean => true;
  return {
    kthvalue: {
      strided: true,
      supports,
      run([values, order], [positions], { dim, k }) {
        eachLine(engine, values, order, positions, dim, k - 1, (line) => quickselect(line, k - 1));
      },
    },
    topk: {
      strided: true,
      // of more than an eighth a sort is as quick
      supports: ([x, values], { dim, k }) =>
        values !== undefined || (inRows(x, dim) && isContiguous(x.shape, x.strides) && 8 * k <= x.shape[dim]),
      run([x, values, order], [positions], { dim, k, descending }) {
        const choose = (sorted: View, places: View) =>
          eachLine(engine, sorted, places, positions, dim, 0, (line) => selectFirst(line, k));
        if (values && order) return choose(values, order);
        const n = x.shape[dim];
        const rows = sizeOf(x.shape) / n;
        const input = addressOf(x, 4);
        if (topOfRows(engine, rows, n, k, descending, input, addressOf(positions, 4))) return;
        withWorkspace(engine, "topk", 8 * rows * n, (address) => {
          const places = address + 4 * rows * n;
          sortRows(engine, "float32", rows, n, descending, input, address, places);
          const at = (place: number, dtype: DType): View => ({
            buffer: { address: place, byteLength: 4 * rows * n } satisfies CpuBuffer,
            dtype,
            offset: 0,
            shape: x.shape,
            strides: contiguousStrides(x.shape),
          });
          choose(at(address, "float32"), at(places, "int32"));
        });
      },
    },
    median: {
      supports: ([x], { dim }) => inRows(x, dim),
      run([x, places], [positions], { dim }) {
        const n = x.shape[dim];
        const [from, at, to] = [x, places, positions].map((view) => addressOf(view, 4));
        placesOfRows(engine, sizeOf(x.shape) / n, n, from, at, to);
      },
    },
  };
}

/** Lines that are rows of floats. */
const inRows = (x: View, dim: number): boolean => x.dtype === "float32" && dim === x.shape.length - 1;

/**
 * Writes what stands from place `first` on in each line along `dim`, sorted stably; where elements there have equals, what stands there
 * when `select` has rearranged the unsorted line.
 */
function eachLine(
  engine: Engine,
  values: View,
  sorted: View,
  positions: View,
  dim: number,
  first: number,
  select: (line: Line) => void,
): void {
  const { dtype, shape } = values;
  const memory = engine.u8.buffer;
  const width = bytesOf(dtype);
  const elements = typedArray(dtype, memory, 0, Math.floor(memory.byteLength / width));
  const indices = new Int32Array(memory);
  const decode = halfCodec(dtype)?.decode;
  const [n, count] = [shape[dim], positions.shape[dim]];
  const outStrides = contiguousStrides(positions.shape);
  const [step, hop, stride] = [values.strides[dim], sorted.strides[dim], outStrides[dim]];
  const place = shape.map(() => 0);
  let line: Line | undefined;
  let [from, at, to] = [addressOf(values, width) / width, addressOf(sorted, 4) / 4, addressOf(positions, 4) / 4];

  const equal = (i: number): boolean => {
    const a = elements[from + i * step];
    const b = elements[from + (i + 1) * step];
    return a === b || (decode ? same(decode(Number(a)), decode(Number(b))) : same(a, b));
  };
  const tied = (): boolean => {
    for (let i = Math.max(first - 1, 0); i < Math.min(first + count, n - 1); i++) if (equal(i)) return true;
    return false;
  };
  for (;;) {
    if (tied()) {
      line ??= { ranks: new Int32Array(n), order: new Int32Array(n) };
      for (let i = 0, rank = 0; i < n; i++) {
        line.ranks[indices[at + i * hop]] = rank;
        line.order[i] = i;
        if (i + 1 < n && !equal(i)) rank++;
      }
      select(line);
      for (let i = 0; i < count; i++) indices[to + i * stride] = line.order[first + i];
    } else for (let i = 0; i < count; i++) indices[to + i * stride] = indices[at + (first + i) * hop];
    let d = shape.length - 1;
    for (; d >= 0; d--) {
      if (d === dim) continue;
      from += values.strides[d];
      at += sorted.strides[d];
      to += outStrides[d];
      if (++place[d] < shape[d]) break;
      from -= values.strides[d] * shape[d];
      at -= sorted.strides[d] * shape[d];
      to -= outStrides[d] * shape[d];
      place[d] = 0;
    }
    if (d < 0) return;
  }
}
const same = (a: number | bigint, b: number | bigint): boolean => a === b || (a !== a && b !== b);
