import { data, losses, manualSeed, nn, noGrad, optim } from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const epochs = 30;
const digits = await data.digits({ split: "train" });
const encoder = new nn.Sequential(new nn.Flatten(), new nn.Linear(64, 64), new nn.ReLU(), new nn.Linear(64, 2));
const decoder = new nn.Sequential(new nn.Linear(2, 64), new nn.ReLU(), new nn.Linear(64, 64), new nn.Sigmoid());
const optimizer = new optim.Adam([...encoder.parameters(), ...decoder.parameters()], { lr: 0.005 });

for (let epoch = 1; epoch <= epochs; epoch++) {
  let total = 0;
  for await (const [images] of new data.DataLoader(digits, { batchSize: 128, shuffle: true })) {
    const loss = losses.mse(decoder.forward(encoder.forward(images)), images.flatten(1));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    total += (await loss.itemAsync()) * images.shape[0];
  }
  if (epoch % 10 === 0) console.log(`epoch ${epoch}: mean squared error ${(total / digits.length).toFixed(4)}`);
}

// where each image lies among two numbers, by its digit
const [images, labels] = digits.getBatch(Array.from({ length: 600 }, (_, i) => i));
const places = (await noGrad(() => encoder.forward(images)).tolistAsync()) as number[][];
const of = await labels.data();
const at = (digit: number) => places.filter((_, i) => Number(of[i]) === digit);
show({
  title: "The latent space",
  dots: [0, 1, 4, 6, 7].map((digit) => ({
    name: String(digit),
    x: at(digit).map(([x]) => x),
    y: at(digit).map(([, y]) => y),
  })),
});

// and what it makes of them
const again = (await noGrad(() => decoder.forward(encoder.forward(images.narrow(0, 0, 8))))
  .view(8, 8, 8)
  .tolistAsync()) as number[][][];
const before = (await images.narrow(0, 0, 8).squeeze(1).tolistAsync()) as number[][][];
show({
  title: "Before and after",
  tiles: [...before, ...again].map((rows, i) => ({ rows, label: i < 8 ? "before" : "after" })),
});
const error = noGrad(() => losses.mse(decoder.forward(encoder.forward(images)), images.flatten(1)));
console.log("mean squared error:", await error.itemAsync());
const plain = noGrad(() => losses.mse(images.mean(0, { keepdim: true }).expand(600, 1, 8, 8), images));
console.log("of the mean image alone:", await plain.itemAsync());
