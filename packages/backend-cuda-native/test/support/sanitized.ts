// A program for a process with AddressSanitizer: the tours of all kernels and a step of training, or one kernel with a planted fault.
import { isDeepStrictEqual } from "node:util";
import { cudaEmulated } from "@flambeau/backend-cuda-native/emulated";
import { registerBackend } from "flambeau";
import { faulty } from "./faulty.ts";
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
  backend.dispose();
  process.stdout.write(same ? "equal\n" : "different\n");
}
