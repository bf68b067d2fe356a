import { data, losses, manualSeed, multinomial, nn, noGrad, optim, randint, type Tensor, tensor, tidy } from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const steps = 600;
const letters = "-abcdefghijklmnopqrstuvwxyz";
const end = 0; // 0 begins and ends a name, the letters are from 1
const { female, male } = await data.firstNames();
const names = [...new Set([...female, ...male].map((name) => name.toLowerCase()))].sort();
const ints = (rows: number[][]) => tensor(rows, { dtype: "int32" });
const spell = (name: string): number[] => [end, ...Array.from(name, (letter) => 1 + letters.indexOf(letter)), end];
const held = names.filter((_, i) => i % 10 === 0); // it learns from the others
const known = names.filter((_, i) => i % 10 !== 0).map(spell);

class Speller extends nn.Module {
  embedding = new nn.Embedding(1 + letters.length, 24);
  rnn = new nn.GRU(24, 96, { batchFirst: true });
  head = new nn.Linear(96, 1 + letters.length);

  /** What may follow each letter, and what is remembered. */
  forward(ids: Tensor, memory?: Tensor): [logits: Tensor, memory: Tensor] {
    const [out, after] = this.rnn.forward(this.embedding.forward(ids), memory);
    return [this.head.forward(out), after];
  }
}

const model = new Speller();
const optimizer = new optim.AdamW(model.parameters(), { lr: 0.005 });

/** How surprising each next letter is, in nats: names of a batch are filled up with what does not count. */
function surprise(batch: readonly number[][]): Tensor {
  const longest = Math.max(...batch.map(({ length }) => length)) - 1;
  const fill = (ids: number[], by: number) => [...ids, ...Array(longest - ids.length).fill(by)];
  const read = ints(batch.map((ids) => fill(ids.slice(0, -1), end)));
  const next = ints(batch.map((ids) => fill(ids.slice(1), -100)));
  const [logits] = model.forward(read);
  return losses.crossEntropy(logits.flatten(0, 1), next.flatten());
}

async function invent(count: number): Promise<string[]> {
  let made = Array.from({ length: count }, () => "");
  let ids = ints(made.map(() => [end]));
  let memory: Tensor | undefined;
  for (let length = 0; length < 14; length++) {
    const [logits, after] = noGrad(() => model.forward(ids, memory));
    memory = after;
    const chances = await logits.squeeze(1).div(0.8).softmax(1).toAsync("cpu"); // where letters are drawn
    const drawn = Array.from(await multinomial(chances, 1).data(), Number);
    ids = ints(drawn.map((token) => [token]));
    made = made.map((name, i) => (name.endsWith(".") ? name : name + (letters[drawn[i] - 1] ?? ".")));
  }
  return made.map((name) => name.replace(/^./, (first) => first.toUpperCase()).replace(".", ""));
}

const history: number[] = [];
for (let step = 1; step <= steps; step++) {
  const drawn = await randint(0, known.length, [64]).data();
  const loss = tidy(() => {
    const cost = surprise(Array.from(drawn, Number).map((i) => known[i]));
    optimizer.zeroGrad();
    cost.backward();
    optim.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    return cost;
  });
  history.push(await loss.itemAsync());
  if (step % 100 !== 0 && step !== steps) continue;
  console.log(`step ${step}, ${history.at(-1)?.toFixed(3)} nats a letter: ${(await invent(6)).join(", ")}`);
  show({ title: "Loss", x: "step", y: "nats a letter", lines: [{ x: history.map((_, i) => i + 1), y: history }] });
}

console.log("nats a letter of names that it has not seen:", await noGrad(() => surprise(held.map(spell))).itemAsync());
const invented = await invent(40);
const list = new Set(names);
console.log("that are in no list:", invented.filter((name) => !list.has(name.toLowerCase())).join(", "));
