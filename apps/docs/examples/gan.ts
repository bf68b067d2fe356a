import {
  arange,
  cat,
  cdist,
  losses,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  randint,
  randn,
  stack,
  type Tensor,
  tidy,
  zeros,
} from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const steps = 3000;
const batch = 128;

// what is to be imitated: points in eight heaps on a circle
const around = arange(8).mul(Math.PI / 4);
const heaps = stack([around.cos(), around.sin()], 1).mul(2);
const real = (count: number): Tensor => heaps.indexSelect(0, randint(0, 8, [count])).add(randn([count, 2]).mul(0.1));

// one network makes points from noise; the other tells them from real ones, and both learn from that
const layers = (bend: nn.Module, outputs: number) =>
  new nn.Sequential(new nn.Linear(2, 64), bend, new nn.Linear(64, 64), bend, new nn.Linear(64, outputs));
const generator = layers(new nn.ReLU(), 2);
const critic = layers(new nn.LeakyReLU(0.2), 1);
const makes = new optim.Adam(generator.parameters(), { lr: 1e-3, betas: [0.5, 0.9] });
const judges = new optim.Adam(critic.parameters(), { lr: 2e-3, betas: [0.5, 0.9] });
const [yes, no] = [ones([batch, 1]), zeros([batch, 1])];

for (let step = 1; step <= steps; step++) {
  const [verdict, fooled] = tidy(() => {
    const fake = generator.forward(randn([batch, 2]));

    const judged = losses.bceWithLogits(critic.forward(cat([real(batch), fake.detach()])), cat([yes, no]));
    judges.zeroGrad();
    judged.backward();
    judges.step();

    const believed = losses.bceWithLogits(critic.forward(fake), yes);
    makes.zeroGrad();
    believed.backward();
    makes.step();
    return [judged, believed];
  });
  if (step % 500 === 0 || step === steps) {
    const costs = [await verdict.itemAsync(), await fooled.itemAsync()].map((cost) => cost.toFixed(3));
    console.log(`step ${step}: critic ${costs[0]}, generator ${costs[1]}`);
    await look();
  }
}
const last = noGrad(() => generator.forward(randn([1000, 2])));
const near = cdist(last, heaps).amin(1).lt(0.3).sum();
console.log("of 1000 points within three deviations of a heap:", await near.itemAsync());

async function look(): Promise<void> {
  const made = noGrad(() => generator.forward(randn([1000, 2])));
  const column = (of: Tensor, i: number) => of.select(1, i).contiguous().data();
  const sample = real(300);
  show({
    title: "Points",
    dots: [
      { name: "real", x: await column(sample, 0), y: await column(sample, 1) },
      { name: "made", x: await column(made, 0), y: await column(made, 1) },
    ],
  });
}
