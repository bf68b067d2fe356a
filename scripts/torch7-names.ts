// The text of docs/torch7.md: where Torch7's modules, criterions, optimizers and graphs, and those of Element-Research's rnn and dpnn, stand here.
// `npm run tables` writes it, and a test holds the page to what this gives. Each name of ours is looked up in what the packages export.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as flambeau from "flambeau";
import * as torch7 from "flambeau/torch7";
import { root } from "./setup/paths.mjs";
import { elsewhere, written } from "./torch7-places.ts";

/** The page, relative to the root. */
export const torch7Page = "docs/torch7.md";

/** Torch7's names by library, from its sources. */
const names: { readonly [library: string]: string } = JSON.parse(
  readFileSync(join(root, "scripts/torch7-names.json"), "utf8"),
);

const titles: { readonly [library: string]: string } = {
  nn: "nn: modules and criterions",
  "nn.Module": "nn.Module: methods",
  nngraph: "nngraph",
  optim: "optim",
  rnn: "Element-Research's rnn",
  dpnn: "Element-Research's dpnn",
};

const head = `# Flambeau for people who come from Torch7

\`flambeau/torch7\` (of a package alone \`@flambeau/nn/torch7\`) has what Torch7's \`nn\` has and PyTorch has no class for: modules that take and give
tables, criterions, nngraph; its \`optim\` (\`@flambeau/optim/torch7\`) the algorithms that minimize a function. What PyTorch has, too, stands under PyTorch's name in \`nn\`, \`losses\` and \`optim\`: the tables below say where.

\`\`\`ts
import { losses, nn, randn } from "flambeau";
import { ConcatTable, JoinTable, Sequential } from "flambeau/torch7";

const mlp = new Sequential()
  .add(new ConcatTable().add(new nn.Linear(10, 3)).add(new nn.Linear(10, 7)))
  .add(new JoinTable(0, 1));
const y = mlp.forward(randn([4, 10]));
y.shape; // [4, 10]
losses.mse(y, randn([4, 10])).backward(); // there is no module:backward()
\`\`\`

What is different, everywhere:

- **Dimensions, indices and classes count from 0.** \`nn.JoinTable(1)\` is \`new JoinTable(0)\`, \`nn.Select(2, 3)\` is \`new Select(1, 2)\`, class 1 is class 0. Negative ones
  count from the end, as there: -1 is the last.
- **Tables are arrays**, or objects where Torch7 has named entries: \`net.forward([x, y])\`.
- **Autograd does backward.** Modules have a \`forward\`; \`loss.backward()\` gives the gradients, an optimizer of \`optim\` the step. Modules keep nothing of a call: there is no
  \`module.output\` and no \`gradInput\`.
- Arguments stand in Torch7's order; what Torch7 gives as trailing flags are options by name: \`new CAddTable({ inplace: true })\`.
- Sizes go in one list where PyTorch's layers are meant: \`nn.SpatialConvolution(3, 8, 5, 4)\`, of width 5 and height 4, is \`new nn.Conv2d(3, 8, [4, 5])\`.
- There are tensors without dimensions here, and losses are such. Modules that give one number for one example give a tensor of one element, as Torch7's do
  (\`DotProduct\`, \`Sum\` of a vector).
- Where Torch7 draws a random sign for the gradient of |x| at 0 (\`PairwiseDistance(1)\`, \`L1HingeEmbeddingCriterion\`), it is 0 here.
- \`net.train()\` and \`net.eval()\` are \`training()\` and \`evaluate()\`; parameters are found in fields, and \`stateDict()\` has them by name.

Initial values are Torch7's: uniform in the same bounds (its generator draws others).

## A graph

nngraph's nodes are made by \`node(module, inputs)\`; \`x - nn.Tanh()\` is \`x.through(new nn.Tanh())\`.

\`\`\`ts
import { nn, rand, type Tensor } from "flambeau";
import { CAddTable, gModule, node } from "flambeau/torch7";

const h1 = node(new nn.Linear(20, 20));
const h2 = node(new nn.Linear(10, 10));
const hh1 = h1.through(new nn.Tanh()).through(new nn.Linear(20, 1));
const hh2 = h2.through(new nn.Tanh()).through(new nn.Linear(10, 1));
const madd = node(new CAddTable(), [hh1, hh2]);
const gmod = gModule([h1, h2], [madd.through(new nn.Sigmoid()), madd.through(new nn.Tanh())]);
gmod.forward<Tensor[]>([rand([20]), rand([10])]).map((y) => y.shape); // [[1], [1]]
\`\`\`

\`gmod.toDot()\` is a drawing for Graphviz.

## Training

\`\`\`ts
import { losses, nn, tensor } from "flambeau";
import { StochasticGradient } from "flambeau/torch7";

const trainer = new StochasticGradient(new nn.Linear(1, 1), new losses.MSELoss());
trainer.learningRate = 0.1;
trainer.verbose = false;
await trainer.train([
  [tensor([0]), tensor([1])],
  [tensor([1]), tensor([3])],
]);
\`\`\`

## Sequences

Modules of rnn are given a sequence step by step, and remember; \`forget()\` goes back to its start. A \`Sequencer\` hands them whole sequences, [L, N, features] or lists.
The graph of all steps hangs together, so that one \`backward()\` goes through time; \`maxBPTTstep(rho)\` says how far, and a backward ends what can be gone through again.

\`\`\`ts
import { nn, randn } from "flambeau";
import { forget, FastLSTM, Sequencer, Sequential } from "flambeau/torch7";

const net = new Sequencer(new Sequential(new FastLSTM(4, 8), new nn.Linear(8, 2)));
net.forward(randn([5, 3, 4])).square().mean().backward(); // five steps of three examples
net.remember("both"); // the next sequence goes on from here
forget(net); // unless it is told to forget
\`\`\`

\`SeqLSTM\` and \`SeqGRU\` do the same at once. \`module:forget()\`, \`module:remember(mode)\` are functions, \`forget(module)\`, \`remember(module, mode)\`, for modules that have no
such methods themselves. \`BiSequencer\` makes its way back of recurrent modules alone; give it one where it cannot.

## REINFORCE

In Torch7 a reward criterion hands its reward to the modules that drew, between forward and backward. Here these modules keep the log-probability of their draws, and the criterion's
loss has the reward's gradient: it is added to any other.

\`\`\`ts
import { losses, nn, rand, tensor, zeros } from "flambeau";
import { RecurrentAttention, Recurrent, ReinforceNormal, SelectTable, Sequential, SpatialGlimpse, VRClassReward } from "flambeau/torch7";

const sensor = new Sequential(new SpatialGlimpse(4, 1), new nn.Flatten(), new nn.Linear(16, 8));
const locator = new Sequential(new nn.Linear(8, 2), new nn.Hardtanh(), new ReinforceNormal(0.1));
const attention = new RecurrentAttention(new Recurrent(8, sensor, new nn.Linear(8, 8)), locator, 3, 8);
const agent = new Sequential(attention, new SelectTable(-1), new nn.Linear(8, 10), new nn.LogSoftmax(-1));
const baseline = new nn.Parameter(zeros([1]));

const target = tensor([3, 7], { dtype: "int32" });
const scores = agent.forward(rand([2, 1, 8, 8]));
const reward = new VRClassReward(agent).forward([scores, baseline.expand([2])], target);
losses.nll(scores, target).add(reward).backward(); // reward.item() is minus the share of right answers
\`\`\`

\`reinforce(module, reward)\` is the loss for a reward of your own.

\`nn.Jacobian\`'s tests are [\`gradcheck\`](autograd.md), of any function:

\`\`\`ts
import { gradcheck, randn } from "flambeau";
import { Euclidean } from "flambeau/torch7";

const layer = new Euclidean(3, 2).double();
gradcheck((x) => layer.forward(x), [randn([4, 3], { dtype: "float64", requiresGrad: true })]); // true
\`\`\`
`;

/** The text of the page. */
export function torch7Text(): string {
  const tables = Object.entries(names).map(([library, list]) => {
    const rows = list.split(" ").map((name) => {
      const { place, note } = placeOf(library, name);
      return `| \`${name}\` | ${place} | ${note} |`;
    });
    return [`## ${titles[library]}`, "", "| Torch7 | Flambeau | |", "|---|---|---|", ...rows, ""].join("\n");
  });
  return [
    head,
    "# All names",
    "",
    "Generated by `npm run tables` from Torch7's sources and from what the packages export.",
    "",
    ...tables,
  ].join("\n");
}

/** Names that stand nowhere, and have no reason, as `library.name`. */
export const missing = (): string[] =>
  Object.entries(names).flatMap(([library, list]) =>
    list
      .split(" ")
      .filter((name) => placeOf(library, name).place === "not here")
      .map((name) => `${library}.${name}`),
  );

function placeOf(library: string, name: string): { readonly place: string; readonly note: string } {
  const special = elsewhere[library]?.[name];
  if (special !== undefined) {
    const [paths, note = ""] = special;
    if (paths === null) return { place: "not planned", note };
    const each = paths.split(", ");
    for (const path of each)
      if (!exists(path)) throw new Error(`${library}.${name} is said to be ${path}, which is not there`);
    const place = each.map((path) => `\`${path}\``);
    return { place: place.join(", "), note };
  }
  const own = [`torch7.${name}`, `torch7.optim.${name}`].find(exists);
  return own === undefined ? { place: "not here", note: "" } : { place: `\`${own}\``, note: written[name] ?? "" };
}

const example = flambeau.tensor([1]);
/** Whether a path leads somewhere: to an export, or to a method or field of tensors and modules. */
function exists(path: string): boolean {
  const [first, ...rest] = path.split(".");
  let at: unknown =
    first === "Tensor"
      ? example
      : first === "Module"
        ? new flambeau.nn.Identity()
        : first === "torch7"
          ? torch7
          : (flambeau as { [name: string]: unknown })[first];
  for (const name of rest) {
    if ((typeof at !== "object" && typeof at !== "function") || at === null) return false;
    at =
      name in at
        ? (at as { [name: string]: unknown })[name]
        : (at as { prototype?: { [name: string]: unknown } }).prototype?.[name];
  }
  return at !== undefined;
}
