import { linspace, losses, manualSeed, nn, noGrad, optim, randn } from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const steps = 400;
const x = linspace(-3, 3, 64).unsqueeze(1);
const truth = x.sin();
const y = truth.add(randn(truth.shape).mul(0.1)); // what was measured: a sine and noise

const model = new nn.Sequential(new nn.Linear(1, 32), new nn.Tanh(), new nn.Linear(32, 1));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });

const history: number[] = [];
for (let step = 0; step <= steps; step++) {
  const loss = losses.mse(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  history.push(await loss.itemAsync());
  if (step % 100 === 0 || step === steps) {
    console.log(`step ${step}: loss ${history[step].toFixed(4)}`);
    const fitted = noGrad(() => model.forward(x));
    const points = await x.data();
    show({
      title: "The curve",
      x: "x",
      y: "y",
      dots: [{ name: "measured", x: points, y: await y.data() }],
      lines: [{ name: "the network", x: points, y: await fitted.data() }],
    });
  }
}
show({ title: "Loss", x: "step", lines: [{ x: history.map((_, i) => i), y: history }] });

const off = noGrad(() => losses.mse(model.forward(x), truth));
console.log("mean squared distance from the sine:", await off.itemAsync());
