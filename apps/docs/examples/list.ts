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
  {
    name: "clusters",
    title: "Principal components and k-means",
    about:
      "The two directions in which 1,437 handwritten digits differ most hold 28% of their variance; ten centres are nearer to them than their mean is, by more than two fifths of the squared distance.",
  },
  {
    name: "trees",
    title: "A graph that follows the data",
    about:
      "A network that reads logical sentences as trees: its graph is another for each sentence, because the program's own recursion is the network's. It learns from sentences of depth 3 and reads deeper ones.",
  },
  {
    name: "autoencoder",
    title: "An autoencoder's latent space",
    about: "64 brightnesses through two numbers and back: digits find their places without being told what they are.",
  },
];
