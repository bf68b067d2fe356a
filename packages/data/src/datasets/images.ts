import { ArgumentError, fromBytes, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { checkIndex, checkIndices, type Dataset } from "../dataset.ts";
import type { DataSource } from "../files/acquire.ts";
import type { IdxArray } from "../files/idx.ts";

/** What a set of labelled images is called, and where it came from. */
export interface ImageDatasetInfo {
  readonly name: string;
  /** The classes' names, by label. */
  readonly classes: readonly string[];
  readonly source: DataSource;
  /** How the images were come by, in one line to show to a user. */
  readonly reason: string;
}

const infoKinds: Kinds<ImageDatasetInfo> = {
  name: option.string,
  classes: option.listOf(option.string),
  source: option.string,
  reason: option.string,
};

/** @throws ArgumentError for what is no array of bytes of so many dimensions. */
function checkBytes(name: string, rank: number, array: IdxArray): void {
  if (!(array?.data instanceof Uint8Array) || !Array.isArray(array.shape) || array.shape.length !== rank)
    throw new ArgumentError(
      "ImageDataset",
      `the ${name} are { shape, data } of ${rank} dimensions with data in a Uint8Array, got ${show(array)}`,
    );
}

/**
 * Labelled grey images, kept as bytes and turned into tensors as they are asked for: `[image, label]`, the image `bytes / white`.
 *
 * Shapes: images float32 [1, height, width] in 0..1, labels int32 and 0-d; batches [N, 1, height, width] and [N].
 *
 * @throws ArgumentError when images and labels differ in number, or a label has no class; IndexError from `get`, `getBatch` and `label` for
 * a sample that is not there.
 * @example
 * const images = { shape: [2, 1, 2], data: new Uint8Array([0, 255, 51, 102]) };
 * const labels = { shape: [2], data: new Uint8Array([1, 0]) };
 * const info = { name: "tiny", classes: ["a", "b"], source: "bundled", reason: "made here" } as const;
 * const set = new ImageDataset(images, labels, 255, info);
 * set.get(1)[0].tolist(); // [[[0.2000, 0.4000]]]
 * set.label(0); // 1
 */
export class ImageDataset implements Dataset<[image: Tensor, label: Tensor]> {
  readonly name: string;
  readonly classes: readonly string[];
  readonly source: DataSource;
  readonly reason: string;
  readonly length: number;
  readonly height: number;
  readonly width: number;
  readonly #images: Uint8Array;
  readonly #labels: Uint8Array;
  /** Brightness 0..1 of each byte value. */
  readonly #brightness: Float32Array;

  /** @throws ArgumentError when images and labels differ in number, or a label has no class. */
  constructor(images: IdxArray, labels: IdxArray, white: number, info: ImageDatasetInfo) {
    checkBytes("images", 3, images);
    checkBytes("labels", 1, labels);
    if (!(typeof white === "number" && white > 0))
      throw new ArgumentError("ImageDataset", `white must be a positive number, got ${show(white)}`);
    checkOptions("ImageDataset", infoKinds, info);
    if (info.classes === undefined) throw new ArgumentError("ImageDataset", "the info needs the names of the classes");
    [this.length, this.height, this.width] = images.shape;
    const count = labels.shape[0];
    if (count !== this.length) throw new ArgumentError(info.name, `${this.length} images but ${count} labels`);
    const wrong = labels.data.find((label) => label >= info.classes.length);
    if (wrong !== undefined)
      throw new ArgumentError(info.name, `label ${wrong} is none of the ${info.classes.length} classes`);
    this.name = info.name;
    this.classes = info.classes;
    this.source = info.source;
    this.reason = info.reason;
    this.#images = images.data;
    this.#labels = labels.data;
    this.#brightness = Float32Array.from({ length: 256 }, (_, byte) => byte / white);
  }

  get(index: number): [image: Tensor, label: Tensor] {
    const { height, width } = this;
    const [pixels, labels] = this.#gather([index]);
    return [floats(pixels, [1, height, width]), ints(labels, [])];
  }

  /** Images `[N, 1, height, width]` and labels `[N]`. */
  getBatch(indices: readonly number[]): [images: Tensor, labels: Tensor] {
    const { height, width } = this;
    const [pixels, labels] = this.#gather(indices);
    return [floats(pixels, [indices.length, 1, height, width]), ints(labels, [indices.length])];
  }

  /** The label of a sample as a number. */
  label(index: number): number {
    checkIndex(`${this.name}.label`, index, this.length);
    return this.#labels[index];
  }

  #gather(indices: readonly number[]): [pixels: Float32Array, labels: Int32Array] {
    checkIndices(`${this.name}.get`, indices, this.length);
    const size = this.height * this.width;
    const [images, brightness] = [this.#images, this.#brightness]; // private fields are slow to read once a pixel
    const pixels = new Float32Array(indices.length * size);
    const labels = new Int32Array(indices.length);
    for (let i = 0; i < indices.length; i++) {
      labels[i] = this.#labels[indices[i]];
      const from = indices[i] * size;
      const to = i * size;
      for (let k = 0; k < size; k++) pixels[to + k] = brightness[images[from + k]];
    }
    return [pixels, labels];
  }
}

const floats = (data: Float32Array, shape: readonly number[]): Tensor =>
  fromBytes(new Uint8Array(data.buffer), "float32", shape);
const ints = (data: Int32Array, shape: readonly number[]): Tensor =>
  fromBytes(new Uint8Array(data.buffer), "int32", shape);
