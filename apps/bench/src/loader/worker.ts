import { cpuWasm, data, registerBackend } from "flambeau";
import { setJpegDecoder } from "flambeau/vision";
import { type Decoder, Pictures } from "./images.ts";

registerBackend(cpuWasm({ threads: 1 }));
data.serveDataset(({ length, decoder }: { length: number; decoder: Decoder }) => {
  setJpegDecoder(decoder === "jpeg-js" ? decoder : null);
  return new Pictures(length);
});
