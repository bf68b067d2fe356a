// A program for a process with AddressSanitizer: the tours of all kernels and a step of training, or one kernel with a planted fault.
import { isDeepStrictEqual } from "node:util";
import { cudaEmulated, emulatedNvrtc, nvrtcEmulation, racesDriver } from "@flambeau/backend-cuda-native/emulated";
import { arange, registerBackend, sum } from "flambeau";
import { faulty } from "./faulty.ts";
import { expectedProduct, halfProduct, layouts, rounded as rounded16 } from "./halves.ts";
import { apart, rounded } from "./rounded.ts";
import { tour } from "./tour.ts";
import { training } from "./training.ts";

const [driver, kernel] = process.argv.slice(2);
if (kernel) process.stdout.write(`${faulty(driver, kernel)}\n`);
else {
  const backend = registerBackend(await cudaEmulated({ driver }, { round: (byteLength) => byteLength }));
  const [here, there] = [training("cuda"), training("cpu")];
  const same =
    isDeepStrictEqual(tour("cuda"), tour("cpu")) &&
    apart(rounded("cuda"), rounded("cpu")).length === 0 &&
    Math.abs(here() - there()) < 1e-4;
  const size = [2, 17, 130, 40] as const;
  const onCores = layouts.every((layout) =>
    isDeepStrictEqual(halfProduct(backend, "bfloat16", size, layout), rounded16("bfloat16", expectedProduct(size))),
  );
  backend.dispose();
  // generated code, compiled as the driver is
  nvrtcEmulation.set("instrument", driver === racesDriver ? 1 : 2);
  const generating = registerBackend(
    await cudaEmulated({ driver, nvrtc: emulatedNvrtc }, { uses: 1, round: (byteLength) => byteLength }),
  );
  const sums = (device: string) => {
    const x = arange(0, 600, 1, { dtype: "float32" }).to(device).view(2, 300);
    return [x.t().mul(2).tolist(), sum(x, 1).tolist(), sum(x.t().narrow(0, 0, 9), 0).tolist()];
  };
  const asGenerated = isDeepStrictEqual(sums("cuda"), sums("cpu")) && nvrtcEmulation.get("compiled") > 1;
  generating.dispose();
  process.stdout.write(same && onCores && asGenerated ? "equal\n" : "different\n");
}
