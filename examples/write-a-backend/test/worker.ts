import { parentPort } from "node:worker_threads";
import { serve } from "../src/device.ts";

parentPort?.once("message", serve);
