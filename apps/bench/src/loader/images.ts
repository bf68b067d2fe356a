import { gunzipSync, gzipSync } from "node:zlib";
import type { data, Tensor } from "flambeau";
import { tensor } from "flambeau";

const side = 160;
const means = [0.485, 0.456, 0.406];
const deviations = [0.229, 0.224, 0.225];

/** Compressed pictures, as files would hold them; a sample is one of them decoded, as planes of normalized floats. */
export class Pictures implements data.Dataset<[Tensor, number]> {
  readonly length: number;
  readonly #files: Uint8Array[];

  constructor(length: number) {
    this.length = length;
    const pixels = new Uint8Array(side * side * 3);
    // smooth waves with some noise of a linear congruential generator: they compress about as pictures do
    let noise = 1;
    this.#files = Array.from({ length: 16 }, (_, file) => {
      for (let i = 0; i < pixels.length; i++) {
        noise = (Math.imul(noise, 1664525) + 1013904223) | 0;
        const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
        pixels[i] = 128 + 90 * Math.sin((x * (file + 1) + y * (1 + (i % 3))) / 60) + (noise >>> 28);
      }
      return gzipSync(pixels);
    });
  }

  get(index: number): [Tensor, number] {
    const pixels = gunzipSync(this.#files[index % this.#files.length]);
    const planes = new Float32Array(pixels.length);
    const plane = side * side;
    for (let i = 0, at = 0; i < plane; i++)
      for (let c = 0; c < 3; c++) planes[c * plane + i] = (pixels[at++] / 255 - means[c]) / deviations[c];
    return [tensor(planes).reshape([3, side, side]), index % 10];
  }
}
