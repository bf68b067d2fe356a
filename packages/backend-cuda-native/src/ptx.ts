import { existsSync, readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { unavailable } from "./errors.ts";

const file = new URL("../kernels.ptx.br", import.meta.url);
let text: string | undefined;

/** The kernels as PTX, which the driver compiles for its card (and keeps): made by scripts/ptx.mjs from native/kernels. */
export function kernelsPtx(): string {
  if (text === undefined) {
    if (!existsSync(file)) throw unavailable("the kernels are missing from this package", "install it again");
    text = brotliDecompressSync(readFileSync(file)).toString();
  }
  return text;
}

/** The text of one of the kernels' sources. */
export const kernelSource = (name: string): string =>
  readFileSync(new URL(`../native/kernels/${name}.cuh`, import.meta.url), "utf8");
