import { data, linspace, losses, manualSeed, meshgrid, nn, noGrad, optim, stack } from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const steps = 1000;
const flowers = data.iris();
const [measured, species] = flowers.getBatch(Array.from({ length: flowers.length }, (_, i) => i));
const petals = measured.narrow(1, 2, 2); // their lengths and widths in cm

// logistic regression: a linear layer, whose softmax gives the probabilities of three species
const model = new nn.Linear(2, 3);
const optimizer = new optim.Adam(model.parameters(), { lr: 0.2 });
for (let step = 1; step <= steps; step++) {
  const surprise = losses.crossEntropy(model.forward(petals), species, { reduction: "sum" });
  // weights cost, too: a line parts the first species from the others, and they would grow without end
  const loss = surprise.add(model.weight.square().sum().div(2));
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step % 200 === 0) console.log(`step ${step}: loss ${(await loss.itemAsync()).toFixed(4)}`);
}
console.log("weights:", await model.weight.toStringAsync());

const guesses = noGrad(() => model.forward(petals).argmax(1));
console.log("right, of 150:", await guesses.eq(species).sum().itemAsync());

// the probability of the second species at each place, and the flowers
const [width, length] = meshgrid([linspace(0, 2.7, 54), linspace(0.5, 7.5, 70)], { indexing: "ij" });
const all = noGrad(() => model.forward(stack([length, width], 2)).softmax(2));
const values = await all.select(2, 1).contiguous().data();
const points = (await petals.tolistAsync()) as number[][];
const of = await species.data();
const dots = flowers.classes.map((name, i) => {
  const these = points.filter((_, j) => Number(of[j]) === i);
  return { name, x: these.map(([x]) => x), y: these.map(([, y]) => y) };
});
show({
  title: `The probability of ${flowers.classes[1]}`,
  x: flowers.features[2],
  y: flowers.features[3],
  surface: {
    values: Array.from({ length: 54 }, (_, i) => values.slice(70 * i, 70 * i + 70)),
    x: [0.5, 7.5],
    y: [0, 2.7],
  },
  dots,
});
