import { cpuWasm, data, registerBackend } from "flambeau";
import { Pictures } from "./images.ts";

registerBackend(cpuWasm({ threads: 1 }));
data.serveDataset(({ length }: { length: number }) => new Pictures(length));
