// A worker thread with a device of its own: trains, and posts the losses.
import { parentPort } from "node:worker_threads";
import { cudaEmulated } from "@flambeau/backend-cuda-native/emulated";
import { registerBackend } from "flambeau";
import { training } from "./training.ts";

registerBackend(await cudaEmulated());
const step = training("cuda");
const losses = Array.from({ length: 10 }, () => step());
parentPort?.postMessage(losses);
