/** How often each class was taken for each: `counts[truth][prediction]`. */
export interface Confusion {
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

export interface ClassAccuracy {
  readonly name: string;
  readonly correct: number;
  readonly total: number;
  /** NaN for a class without images. */
  readonly accuracy: number;
}

export function confusionOf(
  classes: readonly string[],
  truths: ArrayLike<number>,
  predictions: ArrayLike<number>,
): Confusion {
  const counts = classes.map(() => classes.map(() => 0));
  for (let i = 0; i < truths.length; i++) counts[truths[i]][predictions[i]]++;
  return { classes, counts };
}

/** The share of all images that were told right. */
export function accuracyOf({ counts }: Confusion): number {
  const total = counts.flat().reduce((sum, n) => sum + n, 0);
  return counts.reduce((sum, row, i) => sum + row[i], 0) / total;
}

export const perClass = ({ classes, counts }: Confusion): ClassAccuracy[] =>
  classes.map((name, i) => {
    const total = counts[i].reduce((sum, n) => sum + n, 0);
    return { name, correct: counts[i][i], total, accuracy: counts[i][i] / total };
  });
