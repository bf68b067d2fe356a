import { fromBytes, type Tensor } from "@flambeau/tensor/functional";
import { TensorDataset } from "../dataset.ts";
import type { DataSource } from "../files/acquire.ts";
import { irisFlowers } from "../generated/iris.ts";

/**
 * Labelled rows of numbers, `[features, label]`: a {@link TensorDataset} that knows what its columns and classes are called.
 *
 * Shapes: features float32 [D], labels int32 and 0-d; batches [N, D] and [N].
 */
export interface TableData extends TensorDataset<readonly [features: Tensor, labels: Tensor]> {
  readonly name: string;
  /** The columns' names. */
  readonly features: readonly string[];
  /** The classes' names, by label. */
  readonly classes: readonly string[];
  /** What one may do with the data. */
  readonly license: string;
  readonly source: DataSource;
}

/**
 * Fisher's irises, bundled with the package: 150 flowers of three species, 50 of each in turn, with lengths and widths of sepals and petals in cm.
 *
 * The values are those of Fisher's paper, as in R and scikit-learn; the file of the UCI repository differs in two flowers. Of R. A. Fisher, "Iris" (1936), UCI Machine Learning
 * Repository, CC BY 4.0.
 *
 * Shapes: features float32 [4], labels int32.
 *
 * @throws IndexError from `get` and `getBatch` of the data set that it gives, for a sample that is not there.
 * @see https://doi.org/10.24432/C56C76
 * @example
 * const flowers = iris();
 * flowers.length; // 150
 * flowers.features[3]; // "petal width (cm)"
 * const [x, y] = flowers.get(149);
 * x.tolist(); // [5.9000, 3, 5.1000, 1.8000]
 * flowers.classes[y.item()]; // "virginica"
 */
export function iris(): TableData {
  const words = irisFlowers.split(" ");
  const features = Float32Array.from(
    words.flatMap((word) => [0, 2, 4, 6].map((at) => Number(word.slice(at, at + 2)) / 10)),
  );
  const labels = Int32Array.from(words, (word) => Number(word[8]));
  const set = new TensorDataset<readonly [features: Tensor, labels: Tensor]>(
    fromBytes(new Uint8Array(features.buffer), "float32", [words.length, 4]),
    fromBytes(new Uint8Array(labels.buffer), "int32", [words.length]),
  );
  return Object.assign(set, {
    name: "iris",
    features: ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"],
    classes: ["setosa", "versicolor", "virginica"],
    license: "CC BY 4.0",
    source: "bundled" as const,
  });
}
