import { data, losses, manualSeed, nn, noGrad, optim, randint, tensor, tidy } from "flambeau";
import { drawings, show } from "./show.ts";

manualSeed(0);
const steps = 200;
const everything = (set: data.ImageDataset) => set.getBatch(Array.from({ length: set.length }, (_, i) => i));
const [images, labels] = everything(await data.digits({ split: "train" }));
const [others, wanted] = everything(await data.digits({ split: "test" })); // by other writers

const model = new nn.Sequential(
  new nn.Conv2d(1, 16, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.Conv2d(16, 32, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Dropout(0.4),
  new nn.Flatten(),
  new nn.Linear(32 * 4 * 4, 10),
);
const optimizer = new optim.Adam(model.parameters(), { lr: 0.005 });
const history: number[] = [];
for (let step = 1; step <= steps; step++) {
  const loss = tidy(() => {
    const some = randint(0, images.shape[0], [64]);
    const wrong = losses.crossEntropy(model.forward(images.indexSelect(0, some)), labels.indexSelect(0, some));
    optimizer.zeroGrad();
    wrong.backward();
    optimizer.step();
    return wrong;
  });
  history.push(await loss.itemAsync());
  if (step % 50 === 0) console.log(`step ${step}: loss ${history.at(-1)?.toFixed(3)}`);
}
show({ title: "Loss", x: "step", lines: [{ x: history.map((_, i) => i + 1), y: history }] });

model.eval();
const right = noGrad(() => model.forward(others).argmax(1).eq(wanted).sum());
console.log("read, of 360 digits by other people:", await right.itemAsync());

// and what you draw
for await (const pixels of drawings("Draw a digit")) {
  const chances = tidy(() => noGrad(() => model.forward(tensor(pixels).view(1, 1, 8, 8)).softmax(1)));
  const values = Array.from(await chances.flatten().data(), Number);
  show({ title: "What it reads", bars: values.map((value, digit) => ({ name: String(digit), value })) });
}
