// A program for a process with AddressSanitizer: the tours of all kernels and a step of training, or one kernel with a planted fault. The races
// driver takes an order of threads and a size of blocks beside.
import { isDeepStrictEqual } from "node:util";
import {
  cudaEmulated,
  emulatedNvrtc,
  nvrtcEmulation,
  racesDriver,
  racesEmulation,
} from "@flambeau/backend-cuda-native/emulated";
import { arange, registerBackend, sum } from "flambeau";
import { faulty } from "./faulty.ts";
import { expectedProduct, halfProduct, layouts, rounded as rounded16 } from "./halves.ts";
import { apart, rounded } from "./rounded.ts";
import { tour } from "./tour.ts";
import { training } from "./training.ts";

const [driver, kernel, seed, size] = process.argv.slice(2);
if (seed) racesEmulation.set("seed", Number(seed));
const inner = { round: (byteLength: number) => byteLength, ...(size ? { blockSize: Number(size) } : {}) };
if (kernel) process.stdout.write(`${faulty(driver, kernel)}\n`);
else {
  const backend = registerBackend(await cudaEmulated({ driver }, inner));
  const [here, there] = [training("cuda"), training("cpu")];
  const same =
    isDeepStrictEqual(tour("cuda"), tour("cpu")) &&
    apart(rounded("cuda"), rounded("cpu")).length === 0 &&
    Math.abs(here() - there()) < 1e-4;
  const sizes = [2, 17, 130, 40] as const;
  const onCores = layouts.every((layout) =>
    isDeepStrictEqual(halfProduct(backend, "bfloat16", sizes, layout), rounded16("bfloat16", expectedProduct(sizes))),
  );
  backend.dispose();
  // generated code, compiled as the driver is
  nvrtcEmulation.set("instrument", driver === racesDriver ? 1 : 2);
  const generating = registerBackend(await cudaEmulated({ driver, nvrtc: emulatedNvrtc }, { ...inner, uses: 1 }));
  const sums = (device: string) => {
    const x = arange(0, 600, 1, { dtype: "float32" }).to(device).view(2, 300);
    return [x.t().mul(2).tolist(), sum(x, 1).tolist(), sum(x.t().narrow(0, 0, 9), 0).tolist()];
  };
  const asGenerated = isDeepStrictEqual(sums("cuda"), sums("cpu")) && nvrtcEmulation.get("compiled") > 1;
  generating.dispose();
  process.stdout.write(same && onCores && asGenerated ? "equal\n" : "different\n");
}
