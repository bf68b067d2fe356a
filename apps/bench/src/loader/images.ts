import type { data, Tensor } from "flambeau";
import { arange, stack } from "flambeau";
import {
  Compose,
  decodeImage,
  encodeJpeg,
  Normalize,
  RandomHorizontalFlip,
  RandomResizedCrop,
  ToDtype,
} from "flambeau/vision";

/** What decodes: the built-in JavaScript, and WebAssembly, which is installed here. */
export const decoders = ["jpeg-js", "libjpeg-turbo"] as const;
export type Decoder = (typeof decoders)[number];

const [height, width] = [240, 320];
const side = 128;

/** JPEG files, as folders hold them; a sample is one of them decoded, cropped at random, flipped at times, normalized. */
export class Pictures implements data.Dataset<Promise<[Tensor, number]>> {
  readonly length: number;
  readonly #files: Promise<Uint8Array>[];
  readonly #transform = new Compose([
    new RandomResizedCrop(side),
    new RandomHorizontalFlip(),
    new ToDtype("float32", { scale: true }),
    new Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
  ]);

  constructor(length: number) {
    this.length = length;
    this.#files = Array.from({ length: 16 }, (_, file) => encodeJpeg(waves(file + 1)));
  }

  async get(index: number): Promise<[Tensor, number]> {
    const picture = await decodeImage(await this.#files[index % this.#files.length], { mode: "rgb" });
    return [this.#transform.forward(picture), index % 10];
  }
}

/** Smooth waves over a slant, which files hold about as small as photographs. */
function waves(which: number): Tensor {
  const y = arange(height).unsqueeze(1).div(60);
  const x = arange(width).unsqueeze(0).div(60);
  const planes = [1, 2, 3].map((c) =>
    x
      .mul(which)
      .add(y.mul(c))
      .sin()
      .mul(90)
      .add(x.mul(y.add(c)).mul(40).sin().mul(30)),
  );
  return stack(planes).add(128).clamp(0, 255).to("uint8");
}
