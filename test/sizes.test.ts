// What a page downloads: each entry bundled, minified and gzipped, under a ceiling. Raising one takes a reason, written here. What a program loads
// later, by import(), is not counted.
import { describe, expect, test } from "vitest";
import { kilobytes, whole } from "../scripts/bundle-size.ts";

interface Ceiling {
  readonly name: string;
  readonly code: string;
  /** In kB (1,000 bytes), min + gzip. */
  readonly kB: number;
  /** Why this much and not less. */
  readonly reason: string;
  /** Packages that are not counted: they have a line of their own. */
  readonly without?: readonly string[];
}

const tensor = ["@flambeau/tensor", "@flambeau/tensor/functional"];

const ceilings: readonly Ceiling[] = [
  {
    name: "one op, functional, apart from the backend",
    code: `import { tensor, add } from "@flambeau/tensor/functional"; console.log(add(tensor([1]), tensor([2])));`,
    kB: 20,
    reason:
      "the promise of the functional entry: the door, layouts, promotion and the scalar language, none of the other ops",
  },
  {
    name: "@flambeau/tensor",
    code: whole("@flambeau/tensor"),
    kB: 137,
    reason:
      "every op, since all of them are methods of Tensor; a quarter is dense linear algebra and special functions (raised from 70 when they came, from 110 when each op got a record of its own that the door shows, from 118 when each function came to say which argument is no tensor and to free what it makes on the way, from 125 for what transforms, tapes, profiles and mixed precision ask of the door, from 130 for attention with several heads, from 132 for eigenvalues and singular values by reflections and shifted rotations, from 135 for attention with masks and draws and selections by kernels)",
  },
  {
    name: "@flambeau/autograd",
    code: whole("@flambeau/autograd"),
    without: tensor,
    kB: 33,
    reason:
      "the engine, hooks, checkpoints, and the transforms with their rules for batches and tangents (raised from 10 when these came; what a program does not use is dropped: the next line)",
  },
  {
    name: "backward of @flambeau/autograd",
    code: `import { Function } from "@flambeau/autograd"; console.log(Function);`,
    without: tensor,
    kB: 10,
    reason: "the engine fits on a page; most of the rest are messages that say what to do",
  },
  {
    name: "one layer of @flambeau/nn",
    code: `import { Linear } from "@flambeau/nn"; console.log(Linear);`,
    without: tensor,
    kB: 9,
    reason:
      "Module itself, with state dicts and hooks, backward ones too: no layer may bring in another (raised from 6 for deep copies, hooks of states, of all modules and of registrations)",
  },
  {
    name: "@flambeau/nn",
    code: whole("@flambeau/nn"),
    without: tensor,
    kB: 52,
    reason:
      "layers hold parameters and call ops, so all of them together are small (raised from 10 for the recurrent layers, from 14 when layers came to print as PyTorch's and to tell of modules that are not seen, from 16 with functional calls and backward hooks, from 19 with attention, Transformers, packed sequences, lazy layers, parametrizations, pruning and summaries)",
  },
  {
    name: "@flambeau/nn/torch7",
    code: whole("@flambeau/nn/torch7"),
    without: tensor,
    kB: 50,
    reason:
      "Torch7's layers, criterions and nngraph, and half of it Element-Research's rnn and dpnn, which only who imports this entry loads; Module is a part of it (raised from 40 when it came to be measured: as a part of @flambeau/nn it had been left out)",
  },
  {
    name: "@flambeau/losses",
    code: whole("@flambeau/losses"),
    without: tensor,
    kB: 9.5,
    reason:
      "formulas over ops, each also as a class (raised from 5 for all 21 of PyTorch's, from 8 for slopes at kinks and for what each says of its arguments)",
  },
  {
    name: "@flambeau/optim",
    code: whole("@flambeau/optim"),
    without: tensor,
    kB: 21,
    reason:
      "formulas over ops, schedules, and the reading of state dicts (raised from 8 for all of PyTorch's optimizers and schedulers, from 14 for what they say of their arguments, from 15 for hooks, averaged models and state dicts in PyTorch's layout; what a program does not use is dropped: the next line)",
  },
  {
    name: "one optimizer of @flambeau/optim",
    code: `import { SGD } from "@flambeau/optim"; console.log(SGD);`,
    without: tensor,
    kB: 6,
    reason: "groups, state dicts and hooks of the base, the fused step and its formula",
  },
  {
    name: "@flambeau/optim/torch7",
    code: whole("@flambeau/optim/torch7"),
    without: tensor,
    kB: 9,
    reason: "seven algorithms, two line searches and two notebooks; half is what they say of their arguments",
  },
  {
    name: "@flambeau/amp",
    code: whole("@flambeau/amp"),
    without: tensor,
    kB: 5,
    reason: "two lists of names and what converts by them, and the scaler",
  },
  {
    name: "@flambeau/profiler",
    code: whole("@flambeau/profiler"),
    without: tensor,
    kB: 7,
    reason: "gathering events, putting them together and showing them",
  },
  {
    name: "@flambeau/tensorboard",
    code: whole("@flambeau/tensorboard"),
    without: tensor,
    kB: 7,
    reason: "messages, histograms, images as PNG, and a writer that says what is wrong with its arguments",
  },
  {
    name: "@flambeau/plot",
    code: whole("@flambeau/plot"),
    without: tensor,
    kB: 8,
    reason:
      "charts, histograms, images and matrices as text, and what they say of their arguments; no DOM and no library",
  },
  {
    name: "@flambeau/text",
    code: whole("@flambeau/text"),
    without: [...tensor, "@flambeau/nn", "@flambeau/losses"],
    kB: 14,
    reason: "a model made of nn's layers, choosing tokens, vocabularies, BLEU, and what they say of their arguments",
  },
  {
    name: "@flambeau/vision",
    code: whole("@flambeau/vision"),
    without: tensor,
    kB: 40,
    reason:
      "40 functions, each also as a class, and what they say of their arguments; PNG, and jpeg-js, which is loaded when the first JPEG file asks for it",
  },
  {
    name: "one transform of @flambeau/vision",
    code: `import { Resize } from "@flambeau/vision"; console.log(Resize);`,
    without: tensor,
    kB: 5,
    reason: "the base of transforms, sizes and their checks; no codec comes along",
  },
  {
    name: "@flambeau/compile",
    code: whole("@flambeau/compile"),
    without: tensor,
    kB: 15.5,
    reason:
      "a tape, the joining of kernels and their memory, running them without the function; no kernel of its own (raised from 11.5 with products that end in maps, results that are stored where they would be copied, windows that move from call to call, and parts that lie from the beginning in what they are stacked in)",
  },
  {
    name: "the loader of @flambeau/data",
    code: `import { DataLoader, TensorDataset } from "@flambeau/data"; console.log(DataLoader, TensorDataset);`,
    without: tensor,
    kB: 9,
    reason:
      "no data set comes along that is not asked for; a third of it are workers and the states of passes (raised from 6 with these)",
  },
  {
    name: "@flambeau/data",
    code: whole("@flambeau/data"),
    without: tensor,
    kB: 70,
    reason:
      "46 kB of it are the bundled images of digits (raised from 62 with workers of the loader, the states of its passes, more data sets, samplers and ways to collate)",
  },
  {
    name: "@flambeau/io",
    code: whole("@flambeau/io"),
    without: tensor,
    kB: 38,
    reason:
      "five formats, read defensively: each check has its message (raised from 12 for a reader of headers that hostile files cannot overflow, and for naming what is no file of ours; from 16 for PyTorch's files: a pickle machine, the list of what it may name, zip64; from 26 for addresses with ranges, digests and a cache, indices of several files, and GGUF)",
  },
  {
    name: "@flambeau/graph",
    code: whole("@flambeau/graph"),
    without: [...tensor, "@flambeau/io"],
    kB: 28,
    reason:
      "recording, drawing, and checks of files that say what is wrong; a third are the op records of nn, losses and optim (raised from 26 for those of recurrent layers and their gradients)",
  },
  {
    name: "@flambeau/backend-cpu-wasm",
    code: whole("@flambeau/backend-cpu-wasm"),
    without: tensor,
    kB: 160,
    reason: "the compiled kernels twice, with and without relaxed SIMD, as text in the JavaScript: no asset to host",
  },
  {
    name: "@flambeau/backend-webgpu",
    code: whole("@flambeau/backend-webgpu"),
    without: tensor,
    kB: 60,
    reason: "kernels as text, made from parts; loaded when a program asks for the device",
  },
  {
    name: "flambeau",
    code: whole("flambeau"),
    without: ["@flambeau/backend-webgpu", "@flambeau/backend-cuda-native"],
    kB: 530,
    reason:
      "all of the above but WebGPU, which is a chunk of its own, and CUDA, which no page has (raised from 320 with them, from 400 with the transforms, from 415 with PyTorch's files and the rest of its layers, from 425 with addresses, GGUF and event files, from 445 with lazy layers, parametrizations, pruning and summaries, from 475 with language models, from 490 with workers of the loader, from 500 with linear algebra, draws and selections in kernels, from 525 with recurrent layers in kernels)",
  },
];

describe("min + gzip", () => {
  test.each(ceilings)("$name stays under $kB kB", async (ceiling) => {
    const size = await kilobytes(ceiling.code, ceiling.without);
    expect(size, ceiling.reason).toBeGreaterThan(0);
    expect(size, `${size.toFixed(1)} kB; ${ceiling.reason}`).toBeLessThan(ceiling.kB);
  });
});
