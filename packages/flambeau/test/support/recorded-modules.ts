// PyTorch's figures of modules as functions of their parameters: what was recorded, and how ours are made and compared.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type DType, fromBytes, nn, type Tensor } from "flambeau";
import { expect } from "vitest";

export interface Encoded {
  readonly $t: DType;
  readonly shape: number[];
  readonly data: string;
}
export type Dict = { readonly [name: string]: Encoded };
export interface Case {
  readonly net: string;
  readonly transform: string;
  readonly spec: [keyof typeof nn, ...unknown[]][];
  readonly training?: boolean;
  readonly x: Encoded;
  readonly y: Encoded;
  readonly params: Dict;
  readonly buffers: Dict;
  readonly out: unknown;
  readonly value: Encoded;
  readonly grads: Dict;
  readonly tangents: Dict;
  readonly buffers_after: Dict;
  readonly stacked_params: Dict;
  readonly stacked_buffers: Dict;
  readonly W: Encoded;
  readonly tie_weights: boolean;
}
// made with PyTorch 2.13 by torch.func; `how` in each case says how
const file = new URL("../figures/modules-torch213.json.gz", import.meta.url);
export const { cases } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { readonly cases: Case[] };
export const decode = ({ $t, shape, data }: Encoded): Tensor =>
  fromBytes(new Uint8Array(Buffer.from(data, "base64")), $t, shape);
export const dict = (all: Dict): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(all).map(([name, t]) => [name, decode(t)]));
/** A module of one of the cases: [class, ...arguments] in PyTorch's positions, of which the last of a Linear is `bias`. */
export function build(spec: Case["spec"]): nn.Sequential {
  return new nn.Sequential(
    ...spec.map(([name, ...args]) => {
      if (name === "Linear" && args.length === 3)
        return new nn.Linear(args[0] as number, args[1] as number, { bias: args[2] as boolean });
      return new (nn[name] as new (...args: unknown[]) => nn.Linear)(...args);
    }),
  );
}
/** The largest difference, relative to PyTorch's largest magnitude: sums come in another order. */
export const near = (ours: Tensor, theirs: Encoded, tolerance = 2e-6) => {
  const wanted = decode(theirs);
  expect(ours.shape).toEqual(wanted.shape);
  const scale = Math.max(wanted.abs().max().item(), 1);
  expect(ours.sub(wanted).abs().max().item() / scale).toBeLessThan(tolerance);
};
export const allNear = (ours: Record<string, Tensor>, theirs: Dict) => {
  expect(Object.keys(ours)).toEqual(Object.keys(theirs));
  for (const [name, t] of Object.entries(theirs)) near(ours[name], t);
};
