import type { DType } from "@flambeau/tensor";
import {
  type Kernels,
  type Program,
  type ReduceKind,
  type ScalarType,
  type ScanKind,
  type ScatterMode,
  scalarType,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import { eachLine, elementsOf, placesOf, type Scalar } from "./elements.ts";
import { compile, convert } from "./interpret.ts";
import { philox } from "./philox.ts";

type Combine = (a: Scalar, b: Scalar) => Scalar;
const isNaN = (x: Scalar): boolean => Number.isNaN(x);
const larger: Combine = (a, b) => (isNaN(a) || a > b ? a : b);
const smaller: Combine = (a, b) => (isNaN(a) || a < b ? a : b);
/** Sums and products in a type's own arithmetic: integers wrap at each step, floats are rounded when they are stored. */
function plus(type: ScalarType): Combine {
  if (type === "int64") return (a, b) => BigInt.asIntN(64, BigInt(a) + BigInt(b));
  if (type === "int32") return (a, b) => (Number(a) + Number(b)) | 0;
  return (a, b) => Number(a) + Number(b);
}
function times(type: ScalarType): Combine {
  if (type === "int64") return (a, b) => BigInt.asIntN(64, BigInt(a) * BigInt(b));
  if (type === "int32") return (a, b) => Math.imul(Number(a), Number(b));
  return (a, b) => Number(a) * Number(b);
}

/** log(exp(a) + exp(b)) without overflow. */
function logAddExp(a: Scalar, b: Scalar): Scalar {
  const [x, y] = [Number(a), Number(b)];
  const high = Math.max(x, y);
  return Number.isFinite(high) ? high + Math.log1p(Math.exp(Math.min(x, y) - high)) : high;
}

/** How two elements of a type become one. */
function combination(kind: ReduceKind | ScanKind, type: ScalarType): Combine {
  switch (kind) {
    case "sum":
      return plus(type);
    case "prod":
      return times(type);
    case "max":
      return larger;
    case "min":
      return smaller;
    case "any":
      return (a, b) => (a || b ? 1 : 0);
    case "all":
      return (a, b) => (a && b ? 1 : 0);
    case "logsumexp":
      return logAddExp;
  }
}
/** What a reduction of nothing gives. max and min of nothing are refused above. */
const neutral: { readonly [K in ReduceKind]: number } = {
  sum: 0,
  prod: 1,
  max: -Infinity,
  min: Infinity,
  any: 0,
  all: 1,
};

/** Every primitive of the contract as a plain loop over elements. `owner` is the backend that compiled programs belong to. */
export const kernelsOf = (owner: object): Kernels => ({
  map(program, inputs, params, output) {
    const f = compile(program, owner);
    const to = elementsOf(output);
    const read = readers(program, inputs);
    const places = placesOf(output);
    for (let i = 0; i < places.length; i++) to.set(places[i], f(read(i), params, i));
  },

  reduce(kind, program, inputs, params, output, dims) {
    const f = compile(program, owner);
    const type = scalarType(program.output);
    const combine = combination(kind, type);
    const shape = inputs[0].shape;
    const read = readers(program, inputs);
    // the output read as if it had the inputs' shape: one place for all elements of a line
    const into = placesOf({
      shape,
      strides: output.strides.map((s, d) => (dims.includes(d) ? 0 : s)),
      offset: output.offset,
    });
    const totals = new Map<number, Scalar>();
    for (let i = 0; i < into.length; i++) {
      const x = f(read(i), params, i);
      const before = totals.get(into[i]);
      totals.set(into[i], before === undefined ? x : combine(before, x));
    }
    const to = elementsOf(output);
    for (const place of placesOf(output)) to.set(place, totals.get(place) ?? convert(neutral[kind], type));
  },

  argReduce(kind, input, output, dim) {
    const from = elementsOf(input);
    const to = elementsOf(output);
    eachLine(input.shape, dim, [input, output], ([start, out]) => {
      let best = 0;
      for (let k = 1; k < input.shape[dim]; k++) {
        const x = from.get(start + k * input.strides[dim]);
        const held = from.get(start + best * input.strides[dim]);
        if (!isNaN(held) && (isNaN(x) || (kind === "max" ? x > held : x < held))) best = k;
      }
      to.set(out, best);
    });
  },

  scan(kind, input, output, dim, indices) {
    const from = elementsOf(input);
    const to = elementsOf(output);
    const at = indices && elementsOf(indices);
    const combine = combination(kind, scalarType(output.dtype));
    eachLine(input.shape, dim, indices ? [input, output, indices] : [input, output], ([start, out, index]) => {
      let value: Scalar = 0;
      let last = 0;
      for (let k = 0; k < input.shape[dim]; k++) {
        const x = from.get(start + k * input.strides[dim]);
        value = k === 0 ? x : combine(value, x);
        if (x === value || isNaN(x)) last = k;
        to.set(out + k * output.strides[dim], value);
        if (at && indices) at.set(index + k * indices.strides[dim], last);
      }
    });
  },

  matmul(a, b, output) {
    const [x, y, to] = [a, b, output].map(elementsOf);
    const [batch, m, n] = output.shape;
    const type = scalarType(output.dtype);
    const [add, mul] = [plus(type), times(type)];
    for (let p = 0; p < batch; p++)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum: Scalar = type === "int64" ? 0n : 0;
          for (let l = 0; l < a.shape[2]; l++) {
            const left = x.get(a.offset + p * a.strides[0] + i * a.strides[1] + l * a.strides[2]);
            const right = y.get(b.offset + p * b.strides[0] + l * b.strides[1] + j * b.strides[2]);
            sum = add(sum, mul(left, right));
          }
          to.set(
            output.offset + p * output.strides[0] + i * output.strides[1] + j * output.strides[2],
            output.dtype === "bool" ? convert(sum, "bool") : sum,
          );
        }
  },

  gather(input, index, output, dim) {
    const [from, which, to] = [input, index, output].map(elementsOf);
    // the input read as if it had the index's shape, without the step along dim
    const lines = placesOf({
      shape: index.shape,
      strides: input.strides.map((s, d) => (d === dim ? 0 : s)),
      offset: input.offset,
    });
    const [indices, outputs] = [placesOf(index), placesOf(output)];
    for (let i = 0; i < lines.length; i++)
      to.set(outputs[i], from.get(lines[i] + Number(which.get(indices[i])) * input.strides[dim]));
  },

  scatter(mode, target, index, source, dim) {
    const [to, which, from] = [target, index, source].map(elementsOf);
    const combined = scattering(mode, target.dtype);
    const lines = placesOf({
      shape: index.shape,
      strides: target.strides.map((s, d) => (d === dim ? 0 : s)),
      offset: target.offset,
    });
    const indices = placesOf(index);
    const sources = placesOf({ ...source, shape: index.shape });
    for (let i = 0; i < lines.length; i++) {
      const place = lines[i] + Number(which.get(indices[i])) * target.strides[dim];
      to.set(place, combined(to.get(place), from.get(sources[i])));
    }
  },

  sort(input, values, indices, descending) {
    const [from, to, at] = [input, values, indices].map(elementsOf);
    const dim = input.shape.length - 1;
    const sign = descending ? -1 : 1;
    const rank = (x: Scalar) => (isNaN(x) ? 1 : 0);
    eachLine(input.shape, dim, [input, values, indices], ([start, out, index]) => {
      const line = Array.from({ length: input.shape[dim] }, (_, k) => ({
        k,
        x: from.get(start + k * input.strides[dim]),
      }));
      line.sort((a, b) => sign * (rank(a.x) - rank(b.x) || (a.x < b.x ? -1 : a.x > b.x ? 1 : 0)) || a.k - b.k);
      line.forEach(({ k, x }, i) => {
        to.set(out + i, x);
        at.set(index + i, k);
      });
    });
  },

  random(output, seed, offset) {
    const to = elementsOf(output);
    const words = philox(seed, offset, sizeOf(output.shape));
    words.forEach((w, i) => {
      to.set(output.offset + i, w | 0);
    });
  },
});

/** Gives the input elements at a position, in the program's order. The same array each time. */
function readers(program: Program, inputs: readonly View[]): (i: number) => readonly Scalar[] {
  const elements = inputs.map(elementsOf);
  const places = inputs.map(placesOf);
  const current = new Array<Scalar>(program.inputs.length);
  return (i) => {
    for (let k = 0; k < elements.length; k++) current[k] = elements[k].get(places[k][i]);
    return current;
  };
}

/** What an element becomes in scatter. For bools adding is "or", multiplying is "and". */
function scattering(mode: ScatterMode, dtype: DType): Combine {
  if (mode === "set") return (_, x) => x;
  if (mode === "max" || mode === "min") return combination(mode, scalarType(dtype));
  if (dtype === "bool") return mode === "add" ? larger : smaller;
  return combination(mode === "add" ? "sum" : "prod", scalarType(dtype));
}
