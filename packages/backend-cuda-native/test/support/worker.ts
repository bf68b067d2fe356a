// A worker thread with a device of its own, of the options that it is given: trains, and posts the losses.
import { parentPort, workerData } from "node:worker_threads";
import { cudaEmulated } from "@flambeau/backend-cuda-native/emulated";
import { registerBackend } from "flambeau";
import { training } from "./training.ts";

const [options, inner] = (workerData ?? []) as Parameters<typeof cudaEmulated>;
registerBackend(await cudaEmulated(options, inner));
const step = training("cuda");
const losses = Array.from({ length: 10 }, () => step());
parentPort?.postMessage(losses);
