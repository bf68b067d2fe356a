// The ops of recurrent layers with their gradients: every flag, states of one width and projected ones.
import { nnOps } from "@flambeau/nn/ops";
import { applyMany, type Op } from "@flambeau/tensor/plugin";
import { mul, noGrad, sum, type Tensor, tensor } from "flambeau";

type Name = "rnnLayer" | "lstmLayer" | "gruLayer";
export interface Recurrent {
  readonly name: Name;
  readonly attrs: { readonly reverse: boolean; readonly bias: boolean; readonly lengths: boolean };
  readonly own: { readonly nonlinearity?: "tanh" | "relu"; readonly projection?: boolean };
}
const flags = [false, true];
const kinds: readonly [Name, Recurrent["own"]][] = [
  ["rnnLayer", { nonlinearity: "tanh" }],
  ["rnnLayer", { nonlinearity: "relu" }],
  ["lstmLayer", { projection: false }],
  ["lstmLayer", { projection: true }],
  ["gruLayer", {}],
];
export const recurrents: readonly Recurrent[] = flags.flatMap((reverse) =>
  flags.flatMap((lengths) =>
    kinds.map(([name, own]) => ({ name, own, attrs: { reverse, lengths, bias: reverse !== lengths } })),
  ),
);
export const titleOf = ({ name, attrs, own }: Recurrent): string => `${name} ${JSON.stringify({ ...attrs, ...own })}`;

const [steps, count, input, hidden] = [5, 3, 4, 6];
const counts = [3, 5, 1];

/** The results, and the gradients of a weighted sum of them, from what `make` draws. With `spoilt`, x is NaN beyond the ends of the sequences. */
export function runRecurrent(
  { name, attrs, own }: Recurrent,
  make: (shape: readonly number[]) => Tensor,
  device: string,
  spoilt = false,
): readonly Tensor[] {
  const gates = { rnnLayer: 1, lstmLayer: 4, gruLayer: 3 }[name];
  const width = own.projection ? 2 : hidden;
  const shapes = [
    [steps, count, input],
    [count, width],
  ];
  if (name === "lstmLayer") shapes.push([count, hidden]);
  shapes.push([gates * hidden, input], [gates * hidden, width]);
  if (attrs.bias) shapes.push([gates * hidden], [gates * hidden]);
  if (own.projection) shapes.push([width, hidden]);
  const inputs = shapes.map((shape) => make(shape));
  if (spoilt)
    noGrad(() =>
      counts.forEach((n, i) => {
        if (n < steps) inputs[0].at({ from: n }, i).fill_(Number.NaN);
      }),
    );
  for (const t of inputs) t.requiresGrad = true;
  const all = attrs.lengths ? [...inputs, tensor(counts, { dtype: "int32", device })] : inputs;
  const results = applyMany(nnOps[name] as unknown as Op, all, { ...attrs, ...own }).slice(
    0,
    name === "lstmLayer" ? 3 : 2,
  ); // each with attributes of its own
  results
    .map((t) => sum(mul(t, make(t.shape))))
    .reduce((a, b) => a.add(b))
    .backward();
  return [...results, ...inputs.flatMap(({ grad }) => (grad ? [grad] : []))];
}
