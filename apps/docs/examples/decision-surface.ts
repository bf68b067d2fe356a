import {
  cat,
  linspace,
  losses,
  manualSeed,
  meshgrid,
  nn,
  noGrad,
  ones,
  optim,
  randn,
  stack,
  tensor,
  zeros,
} from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
// lengths and widths of the petals of two kinds of flowers
const a = randn([50, 2])
  .mul(tensor([0.17, 0.1]))
  .add(tensor([1.46, 0.25]));
const b = randn([50, 2])
  .mul(tensor([0.47, 0.2]))
  .add(tensor([4.26, 1.33]));
const flowers = cat([a, b]);
const kinds = cat([zeros([50, 1]), ones([50, 1])]);

// logistic regression: one number, whose sigmoid is a probability
const model = new nn.Linear(2, 1);
const optimizer = new optim.SGD(model.parameters(), { lr: 0.3, momentum: 0.9 });
for (let step = 1; step <= 100; step++) {
  const loss = losses.bceWithLogits(model.forward(flowers), kinds);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step % 25 === 0) console.log(`step ${step}: loss ${(await loss.itemAsync()).toFixed(4)}`);
}

const right = noGrad(() => model.forward(flowers).gt(0).eq(kinds.gt(0)).sum());
console.log("told apart:", await right.itemAsync(), "of 100");

const [v, u] = meshgrid([linspace(0, 2.5, 50), linspace(0, 6, 60)], { indexing: "ij" });
const surface = noGrad(() =>
  model
    .forward(stack([u, v], 2))
    .sigmoid()
    .squeeze(2),
);
const values = await surface.data();
const column = async (from: typeof a, i: number) => await from.select(1, i).contiguous().data();
show({
  title: "The probability of the second kind",
  x: "length",
  y: "width",
  surface: { values: Array.from({ length: 50 }, (_, i) => values.slice(60 * i, 60 * i + 60)), x: [0, 6], y: [0, 2.5] },
  dots: [
    { name: "first kind", x: await column(a, 0), y: await column(a, 1) },
    { name: "second kind", x: await column(b, 0), y: await column(b, 1) },
  ],
});
