// The gallery, in its order.

export interface ExampleEntry {
  /** The program's file, without its ending, and its page's address. */
  readonly name: string;
  readonly title: string;
  /** What it shows, in a sentence or two. */
  readonly about: string;
}

export const gallery: readonly ExampleEntry[] = [
  {
    name: "curve-fitting",
    title: "Fitting a curve",
    about:
      "A network of 32 hidden units learns a sine from 64 noisy measurements. After 400 steps it is nearer to the sine than the measurements are.",
  },
  {
    name: "decision-surface",
    title: "A decision surface",
    about:
      "Logistic regression tells two kinds of flowers apart by their petals; the shade is the probability that it gives to the second kind.",
  },
  {
    name: "newton",
    title: "Second derivatives and Newton's method",
    about:
      "Gradients of gradients give the first two derivatives of a curve. The Hessian of a function of two numbers leads Newton's method through Rosenbrock's valley in seven steps.",
  },
];
