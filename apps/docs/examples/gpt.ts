import { data, losses, manualSeed, noGrad, optim, randint, type Tensor, tensor, text, tidy } from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const steps = 400;
const block = 32; // characters that it looks at
const { text: book } = await data.mobyDick({ part: "excerpt" });
const tokenizer = new text.CharTokenizer(book);
const ids = tokenizer.encode(book);
const split = Math.floor(0.9 * ids.length); // it learns from what comes before

const model = new text.GPT({ vocabSize: tokenizer.vocabSize, blockSize: block, layers: 2, heads: 4, width: 64 });
const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-2 });
const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, 1e-2, { totalSteps: steps });

/** How surprising each next character is, in nats, in stretches of the book. */
function surprise(starts: readonly number[]): Tensor {
  const stretch = (shift: number) =>
    tensor(
      starts.map((at) => ids.slice(at + shift, at + shift + block)),
      { dtype: "int32" },
    );
  return losses.crossEntropy(model.forward(stretch(0)).flatten(0, 1), stretch(1).flatten());
}

const history: number[] = [];
for (let step = 1; step <= steps; step++) {
  const starts = await randint(0, split - block, [32]).data();
  const loss = tidy(() => {
    const cost = surprise(Array.from(starts, Number));
    optimizer.zeroGrad();
    cost.backward();
    optim.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    return cost;
  });
  scheduler.step();
  history.push(await loss.itemAsync());
  if (step % 50 !== 0 && step !== steps) continue;
  console.log(`step ${step}: loss ${history.at(-1)?.toFixed(3)}`);
  show({ title: "Loss", x: "step", y: "nats a character", lines: [{ x: history.map((_, i) => i + 1), y: history }] });
}
const rest = Array.from({ length: 48 }, (_, i) => split + i * block);
console.log("nats a character of the pages it has not seen:", await noGrad(() => surprise(rest)).itemAsync());

let written = "The whale";
for await (const piece of text.stream(model, written, { tokenizer, maxNewTokens: 300, temperature: 0.8 })) {
  written += piece.text;
  show({ title: "What it writes", text: written });
}
