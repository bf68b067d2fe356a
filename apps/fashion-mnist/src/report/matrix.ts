import { figure } from "@flambeau/app-job";
import { confusionMatrix as plot } from "flambeau/plot";
import type { Confusion } from "../confusion.ts";

/** The confusion matrix of a run as a figure of its report. */
export const confusionMatrix = ({ classes, counts }: Confusion): string =>
  figure("Confusion matrix of the test images", plot(counts, { labels: classes }).svg);

/** A share as a percentage with one decimal, a dash where there is none. */
export const percent = (share: number): string => (Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : "–");
