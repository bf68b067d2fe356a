import { attention } from "./attention.ts";
import { convolutions } from "./convolutions.ts";
import { indexing } from "./indexing.ts";
import { layout } from "./layout.ts";
import { linalg } from "./linalg.ts";
import { maps } from "./maps.ts";
import { order } from "./order.ts";
import { products } from "./products.ts";
import { random } from "./random.ts";
import { reductions } from "./reductions.ts";
import type { ScalingRow } from "./row.ts";
import { steps } from "./steps.ts";

/** Every row, in the order of the table, by family. */
export const families: { readonly [family: string]: readonly ScalingRow[] } = {
  "training steps": steps,
  products,
  convolutions,
  attention,
  maps,
  reductions,
  order,
  indexing,
  layout,
  random,
  "linear algebra": linalg,
};

export const scalingRows: readonly ScalingRow[] = Object.values(families).flat();
