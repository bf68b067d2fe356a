// No rival: says which adapter WebGPU has here, or that there is none, before any rival is started.
import { serve } from "../protocol.ts";
import { installWebGPU } from "./dawn.ts";

await serve(async () => ({ version: await installWebGPU(), workbench: {} }));
