import { data } from "flambeau";
import type { DatasetName } from "./options.ts";

export interface Images {
  readonly train: data.ImageDataset;
  readonly test: data.ImageDataset;
}

/** Both parts of a data set; of Fashion-MNIST that is nowhere to be had, those of the digits, whose `reason` says so. */
export async function loadImages(
  dataset: DatasetName,
  options: { root: string | undefined; log: (line: string) => void },
): Promise<Images> {
  if (dataset === "digits")
    return { train: await data.digits({ split: "train" }), test: await data.digits({ split: "test" }) };
  // a program of its own may install what it needs; --help says that it does
  const from = { ...options, install: true, fallback: "digits" } as const;
  const [train, test] = [
    await data.fashionMnist({ ...from, split: "train" }),
    await data.fashionMnist({ ...from, split: "test" }),
  ];
  // one part may be there without the other
  if (train.name === test.name) return { train, test };
  return train.name === "digits"
    ? { train, test: await data.digits({ split: "test" }) }
    : { train: await data.digits({ split: "train" }), test };
}
