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
    name: "digits",
    title: "Digits that you draw",
    about:
      "A convolutional network learns from 1,437 handwritten digits, reads nine in ten by people whom it does not know, and then what you draw.",
  },
  {
    name: "iris",
    title: "Irises and a decision surface",
    about:
      "Logistic regression tells Fisher's three species apart by their petals, 145 of 150 flowers, as scikit-learn's does. The shade is the probability of the second species.",
  },
  {
    name: "names",
    title: "Names, letter by letter",
    about:
      "A GRU reads 8,000 first names and makes up others. Letters of names that it has not seen surprise it less than they would surprise somebody who knows how often each follows each.",
  },
  {
    name: "gpt",
    title: "A GPT that writes",
    about:
      "A Transformer of two blocks learns the characters of Moby-Dick's first chapters and goes on from two words, one character after the other.",
  },
  {
    name: "gan",
    title: "Two networks against each other",
    about:
      "One makes points out of noise, the other tells them from real ones. After 3,000 steps the made ones lie in the same eight heaps.",
  },
  {
    name: "balance",
    title: "A game learnt by policy gradient",
    about:
      "REINFORCE learns to keep a pole upright on a cart: 32 games at once, as tensors. It stands for 195 of 200 steps and more, where CartPole counts as solved.",
  },
  {
    name: "filters",
    title: "Filters on an image",
    about:
      "Blurred, sharpened, its edges, a relief: four filters are a few sums of neighbours each. Gradient descent finds a filter from what it did.",
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
