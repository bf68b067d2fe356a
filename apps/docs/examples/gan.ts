import { cat, losses, manualSeed, nn, noGrad, ones, optim, rand, randn, type Tensor, zeros } from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const steps = 3000;
const batch = 128;

// what is to be imitated: eight heaps of points on a circle
function real(count: number): Tensor {
  const angle = rand([count, 1])
    .mul(8)
    .floor()
    .mul(Math.PI / 4);
  return cat([angle.cos(), angle.sin()], 1)
    .mul(2)
    .add(randn([count, 2]).mul(0.1));
}

// one network makes points from noise; the other tells them from real ones, and both learn from that
const hidden = () => new nn.Sequential(new nn.Linear(64, 64), new nn.LeakyReLU(0.2));
const generator = new nn.Sequential(new nn.Linear(2, 64), new nn.ReLU(), hidden(), new nn.Linear(64, 2));
const critic = new nn.Sequential(new nn.Linear(2, 64), new nn.LeakyReLU(0.2), hidden(), new nn.Linear(64, 1));
const makes = new optim.Adam(generator.parameters(), { lr: 1e-3, betas: [0.5, 0.9] });
const judges = new optim.Adam(critic.parameters(), { lr: 1e-3, betas: [0.5, 0.9] });
const [yes, no] = [ones([batch, 1]), zeros([batch, 1])];

for (let step = 1; step <= steps; step++) {
  const fake = generator.forward(randn([batch, 2]));

  const verdict = losses.bceWithLogits(critic.forward(cat([real(batch), fake.detach()])), cat([yes, no]));
  judges.zeroGrad();
  verdict.backward();
  judges.step();

  const fooled = losses.bceWithLogits(critic.forward(fake), yes);
  makes.zeroGrad();
  fooled.backward();
  makes.step();

  if (step === 1 || step % 500 === 0 || step === steps) {
    console.log(
      `step ${step}: critic ${(await verdict.itemAsync()).toFixed(3)}, generator ${(await fooled.itemAsync()).toFixed(3)}`,
    );
    await look();
  }
}

async function look(): Promise<void> {
  const made = noGrad(() => generator.forward(randn([1000, 2])));
  const column = (of: Tensor, i: number) => of.select(1, i).contiguous().data();
  const sample = real(300);
  show({
    title: "Points",
    dots: [
      { name: "made", x: await column(made, 0), y: await column(made, 1) },
      { name: "real", x: await column(sample, 0), y: await column(sample, 1) },
    ],
  });
}
