import { losses, manualSeed, nn, optim, stack, type Tensor, tensor, tidy } from "flambeau";
import { show } from "./show.ts";

// The program's own recursion is the network's: each sentence has a graph of its own shape.
type Tree = boolean | readonly ["and" | "or", Tree, Tree] | readonly ["not", Tree];

manualSeed(0);
const steps = 150;
let seed = 1;
const chance = () => (seed = (seed * 48271) % 2147483647) / 2147483647;

function grow(depth: number): Tree {
  const draw = chance();
  if (depth === 0 || draw < 0.2) return chance() < 0.5;
  if (draw < 0.4) return ["not", grow(depth - 1)];
  return [draw < 0.7 ? "and" : "or", grow(depth - 1), grow(depth - 1)];
}

function truth(tree: Tree): boolean {
  if (typeof tree === "boolean") return tree;
  if (tree[0] === "not") return !truth(tree[1]);
  return tree[0] === "and" ? truth(tree[1]) && truth(tree[2]) : truth(tree[1]) || truth(tree[2]);
}

class Reader extends nn.Module {
  leaves = new nn.Embedding(2, 8);
  not = new nn.Linear(8, 8);
  and = new nn.Sequential(new nn.Linear(16, 16), new nn.Tanh(), new nn.Linear(16, 8));
  or = new nn.Sequential(new nn.Linear(16, 16), new nn.Tanh(), new nn.Linear(16, 8));
  head = new nn.Linear(8, 1);

  read(tree: Tree): Tensor {
    if (typeof tree === "boolean") return this.leaves.forward(tensor(Number(tree), { dtype: "int32" }));
    if (tree[0] === "not") return this.not.forward(this.read(tree[1])).tanh();
    const both = [this.read(tree[1]), this.read(tree[2])];
    return this[tree[0]].forward(stack(both).flatten()).tanh();
  }
  forward(trees: readonly Tree[]): Tensor {
    return this.head.forward(stack(trees.map((tree) => this.read(tree)))).squeeze(1);
  }
}

const model = new Reader();
const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
const history: number[] = [];
for (let step = 1; step <= steps; step++) {
  const loss = tidy(() => {
    const trees = Array.from({ length: 16 }, () => grow(3));
    const wrong = losses.bceWithLogits(model.forward(trees), tensor(trees.map((tree) => Number(truth(tree)))));
    optimizer.zeroGrad();
    wrong.backward();
    optimizer.step();
    return wrong;
  });
  history.push(await loss.itemAsync());
  if (step % 50 === 0) console.log(`step ${step}: loss ${history.at(-1)?.toFixed(4)}`);
}
show({ title: "Loss", x: "step", lines: [{ x: history.map((_, i) => i), y: history }] });

// deeper than any that was learnt from
const deep = Array.from({ length: 200 }, () => grow(5));
const guesses = await model.forward(deep).gt(0).data();
console.log("right, of 200 deeper sentences:", deep.filter((tree, i) => truth(tree) === Boolean(guesses[i])).length);
