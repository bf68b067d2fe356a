// The addon, as scripts/native/compile.mjs builds it: the same kernels once for each instruction set of the processor.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("..", import.meta.url));

/** Flags of each instruction set, with the bytes and the number of its vector registers. */
const sets = {
  x64: {
    avx512: [
      "-mavx512f",
      "-mavx512dq",
      "-mavx512bw",
      "-mavx512vl",
      "-mfma",
      "-mprefer-vector-width=512",
      ...vectors(64, 32),
    ],
    avx2: ["-mavx2", "-mfma", "-mf16c", ...vectors(32, 16)],
  },
  arm64: { neon: vectors(16, 32) },
};
/** @param {number} bytes @param {number} registers */
function vectors(bytes, registers) {
  return [`-DVECTOR_BYTES=${bytes}`, `-DVECTOR_REGISTERS=${registers}`];
}

/** @type {import("../../../scripts/native/compile.mjs").Addon} */
export const addon = {
  folder,
  name: "flambeau-cpu",
  units: ({ cpu }) => [
    { source: join(folder, "native/addon.cc") },
    ...Object.entries(sets[cpu]).map(([isa, flags]) => ({
      source: join(folder, "native/isa.cc"),
      // sums and products are fused, and integers wrap around, as in the WebAssembly kernels
      flags: ["-O3", "-ffp-contract=fast", "-fwrapv", `-DISA=${isa}`, ...flags],
    })),
  ],
};
