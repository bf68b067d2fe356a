// Nothing to register, nothing to await: import and train.
import { strict as assert } from "node:assert";
import { losses, manualSeed, nn, optim, randn } from "flambeau";

manualSeed(0);
const x = randn([64, 3]);
const y = x.sum(1, { keepdim: true });
const model = new nn.Sequential(new nn.Linear(3, 16), new nn.ReLU(), new nn.Linear(16, 1));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
let first = 0;
let last = 0;
for (let step = 0; step < 100; step++) {
  const loss = losses.mse(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  last = loss.item();
  if (step === 0) first = last;
}
assert.ok(last < first / 50, `the loss fell from ${first} to ${last}`);
console.log("works");
