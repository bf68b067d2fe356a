// The figure that each example states: what it prints, and between which numbers that is, wherever it runs.

export interface Figure {
  /** The text that it is printed behind. */
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

export const figures: Readonly<Record<string, Figure>> = {
  // the noise has a variance of 0.01: the fit is nearer to the sine than any single measurement
  "curve-fitting": { label: "mean squared distance from the sine:", from: 0, to: 0.0025 },
  digits: { label: "read, of 360 digits by other people:", from: 324, to: 360 },
  // as scikit-learn's LogisticRegression (scripts/iris.py)
  iris: { label: "right, of 150:", from: 145, to: 145 },
  // counts of all pairs of letters, by test/examples.test.ts, give 2.44 for the names and for the book
  names: { label: "nats a letter of names that it has not seen:", from: 1, to: 2.19 },
  gpt: { label: "nats a character of the pages it has not seen:", from: 1, to: 2.19 },
  gan: { label: "of 1000 points within three deviations of a heap:", from: 800, to: 1000 },
  // what CartPole-v0 calls solved: https://github.com/openai/gym/wiki/CartPole-v0
  balance: { label: "steps, the average of 100 games:", from: 195, to: 200 },
  filters: { label: "off by at most:", from: 0, to: 1e-3 },
  newton: { label: "off the lowest point by:", from: 0, to: 1e-12 },
  // from the mean of all images it is 4.689, by numpy
  clusters: { label: "mean squared distance from the nearest centre:", from: 0, to: 0.6 * 4.689069132968824 },
  trees: { label: "right, of 200 deeper sentences:", from: 190, to: 200 },
  // the mean image alone has an error of 0.0716
  autoencoder: { label: "mean squared error:", from: 0, to: 0.65 * 0.0716 },
};
