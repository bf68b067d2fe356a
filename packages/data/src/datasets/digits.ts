import { checkOptions, option } from "@flambeau/tensor/plugin";
import { unpackBase64 } from "../files/base64.ts";
import { parseIdx } from "../files/idx.ts";
import { digitImages, digitLabels } from "../generated/digits.ts";
import { ImageDataset } from "./images.ts";

const size = 8;
const count = 1797;
const trainCount = 1437;
/** The pixels count the ink in 4x4 blocks of the scan. */
const black = 16;

/**
 * 8x8 images of hand-written digits, bundled with the package: 1,437 for training and 360 for testing, the latter from the end of
 * the set and so by other writers.
 *
 * Neither network nor files are needed. Of E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits" (1998), UCI Machine Learning
 * Repository, CC BY 4.0.
 *
 * Shapes: images float32 [1, 8, 8] in 0..1, labels int32.
 *
 * @throws IndexError from `get` of the data set that it gives, for a sample that is not there.
 * @see https://doi.org/10.24432/C50P49
 * @example
 * const train = await digits({ split: "train" });
 * train.length; // 1437
 * train.get(0)[0].shape; // [1, 8, 8]
 */
export async function digits(options: { split?: "train" | "test" | undefined } = {}): Promise<ImageDataset> {
  checkOptions("digits", { split: option.oneOf("train", "test") }, options);
  return bundledDigits(options.split ?? "train", "bundled with the package");
}

/** The digits as a stand-in: `reason` says for what. */
export async function bundledDigits(split: "train" | "test", reason: string): Promise<ImageDataset> {
  const images = parseIdx(await unpackBase64(digitImages, "digit images", 16 + count * size * size), {
    file: "digit images",
    rank: 3,
  });
  const labels = parseIdx(await unpackBase64(digitLabels, "digit labels", 8 + count), {
    file: "digit labels",
    rank: 1,
  });
  const [from, to] = split === "train" ? [0, trainCount] : [trainCount, count];
  return new ImageDataset(
    { shape: [to - from, size, size], data: images.data.subarray(from * size * size, to * size * size) },
    { shape: [to - from], data: labels.data.subarray(from, to) },
    black,
    { name: "digits", classes: Array.from("0123456789"), source: "bundled", reason },
  );
}
