import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type DType, fromBytes, type Tensor } from "@flambeau/tensor";

/** A tensor as transforms.py writes it. */
export interface Held {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: string;
}
interface Call {
  readonly name: string;
  readonly image: string;
  readonly args: readonly unknown[];
  readonly options: { readonly [name: string]: unknown };
  readonly out: readonly Held[];
}
export interface Drawn extends Call {
  readonly seed: number;
  readonly next: number;
}
interface Mix {
  readonly name: "MixUp" | "CutMix";
  readonly alpha: number;
  readonly seed: number;
  readonly out: readonly Held[];
  readonly next: number;
}
interface Record {
  readonly images: { readonly [name: string]: Held };
  readonly functions: readonly Call[];
  readonly transforms: readonly Drawn[];
  readonly mixes: readonly Mix[];
}

/** What torchvision 0.28 makes of the images (transforms.py). */
export const record: Record = JSON.parse(
  gunzipSync(readFileSync(new URL("transforms.json.gz", import.meta.url))).toString(),
);

export const tensorOf = ({ dtype, shape, data }: Held, device = "cpu"): Tensor =>
  fromBytes(new Uint8Array(Buffer.from(data, "base64")), dtype, shape, { device });
