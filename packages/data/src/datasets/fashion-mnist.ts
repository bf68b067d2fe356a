import { UnavailableError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { type AcquireOptions, acquire, acquireKinds } from "../files/acquire.ts";
import type { FileSet } from "../files/folder.ts";
import { parseIdx } from "../files/idx.ts";
import { bundledDigits } from "./digits.ts";
import { ImageDataset } from "./images.ts";

/** Fashion-MNIST's classes, by label. */
export const fashionMnistClasses = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

/**
 * The sums are those of the unpacked files, so that every gzip of them passes. They were taken from files whose gzips have the
 * MD5 sums that the authors publish (8d4fb7e6..., 25c81989..., bef4ecab..., bb300cfd... in their README).
 */
export const fashionMnistFiles: FileSet = {
  name: "fashion-mnist",
  files: {
    "train-images-idx3-ubyte": {
      bytes: 47_040_016,
      sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    },
    "train-labels-idx1-ubyte": {
      bytes: 60_008,
      sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    },
    "t10k-images-idx3-ubyte": {
      bytes: 7_840_016,
      sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    },
    "t10k-labels-idx1-ubyte": {
      bytes: 10_008,
      sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
  },
  mirrors: [
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
  ],
  debian: { folder: "/usr/share/datasets/fashion-mnist", package: "dataset-fashion-mnist", size: "31 MB" },
};

export interface FashionMnistOptions extends AcquireOptions {
  /** Default "train". */
  split?: "train" | "test" | undefined;
  /**
   * What to give when the files are nowhere to be had: the bundled 8x8 "digits", whose `source` is then "bundled" and whose
   * `reason` says why. Without it, an error.
   */
  fallback?: "digits" | undefined;
}
const fashionMnistKinds: Kinds<FashionMnistOptions> = {
  split: option.oneOf("train", "test"),
  fallback: option.oneOf("digits"),
  ...acquireKinds,
};

/**
 * Fashion-MNIST: 60,000 training and 10,000 test images of clothes, 28x28, in 10 classes.
 *
 * Looked for in `root`, the user's cache folder, the folder of Debian's package (installed first with `install: true`, on Debian and as root), and
 * downloaded to the cache otherwise; each file is checked against its SHA-256. The result's `source` and `reason` say which it was.
 *
 * Of H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST" (2017), MIT licence.
 *
 * Shapes: images float32 [1, 28, 28] in 0..1, labels int32.
 *
 * @throws FormatError when a file in `root` is damaged. UnavailableError when the files are nowhere to be had.
 * @see https://arxiv.org/abs/1708.07747
 * @example
 * const train = await fashionMnist({ split: "train", fallback: "digits" });
 * console.log(train.source, train.reason, train.length);
 */
export async function fashionMnist(options: FashionMnistOptions = {}): Promise<ImageDataset> {
  checkOptions("fashionMnist", fashionMnistKinds, options);
  return fashionMnistFrom(fashionMnistFiles, options);
}

/** {@link fashionMnist} from files that are described elsewhere. */
export async function fashionMnistFrom(files: FileSet, options: FashionMnistOptions): Promise<ImageDataset> {
  const { split = "train", fallback } = options;
  const prefix = split === "train" ? "train" : "t10k";
  const names = { images: `${prefix}-images-idx3-ubyte`, labels: `${prefix}-labels-idx1-ubyte` };
  try {
    const { contents, source, reason } = await acquire(files, [names.images, names.labels], options);
    const read = (file: string, rank: number) => parseIdx(contents.get(file) ?? new Uint8Array(), { file, rank });
    const info = { name: "fashion-mnist", classes: fashionMnistClasses, source, reason };
    return new ImageDataset(read(names.images, 3), read(names.labels, 1), 255, info);
  } catch (error) {
    if (!(error instanceof UnavailableError) || fallback !== "digits") throw error;
    return bundledDigits(split, error.message.split("\n")[0]);
  }
}
