// Parametrizations against PyTorch 2.13: initial states and draws, results, gradients, and what a call leaves behind; a training curve.
import { losses, manualSeed, nn, optim, type Tensor } from "flambeau";
import { describe, expect, test } from "vitest";
import { close, decode, type Encoded, read } from "./support/figures.ts";

interface Case {
  readonly parametrization: string;
  readonly kw: { readonly [name: string]: string | number | boolean | null };
  readonly spec: readonly [kind: "Linear" | "Conv1d" | "Conv2d" | "ConvTranspose2d", ...sizes: number[]];
  readonly dtype?: "float32" | "float64";
  readonly state_dict: Record<string, Encoded>;
  readonly state_dict_after: Record<string, Encoded>;
  readonly x: Encoded;
  readonly out: Encoded;
  readonly ct: Encoded;
  readonly grads: readonly (Encoded | null)[];
  readonly params: readonly string[];
  readonly weight: Encoded;
  readonly out_eval: Encoded;
}
interface Figures {
  readonly seed: number;
  readonly cases: readonly Case[];
  readonly old?: readonly Case[];
}
function closeStates(module: nn.Module, expected: Record<string, Encoded>, what: string): void {
  const state = module.stateDict();
  expect([...state.keys()], what).toEqual(Object.keys(expected));
  for (const [key, value] of Object.entries(expected)) close(state.get(key), value, `${what} ${key}`);
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
type Make = <M extends nn.Module>(module: M, name?: string, options?: object) => M;
function made({ parametrization, kw, spec: [kind, ...sizes], dtype = "float32" }: Case, where: object): nn.Module {
  const { name, ...rest } = kw;
  const options = Object.entries(rest).map(([key, value]) => [
    camel(key),
    typeof value === "string" ? camel(value) : value,
  ]);
  const layer = new (nn[kind] as new (...args: unknown[]) => nn.Linear)(...sizes, { dtype });
  const make = (where as Record<string, Make>)[camel(parametrization)];
  return make(layer, name as string | undefined, Object.fromEntries(options) as object);
}
function check(each: Case, seed: number, where: object): void {
  manualSeed(seed);
  const module = made(each, where);
  closeStates(module, each.state_dict, "initial");
  // and what PyTorch wrote loads
  module.loadStateDict(Object.fromEntries(Object.entries(each.state_dict).map(([key, value]) => [key, decode(value)])));
  const x = decode(each.x);
  x.requiresGrad = true;
  const out: Tensor = module.forward(x);
  close(out, each.out, "out");
  out.backward({ gradient: decode(each.ct) });
  expect([...module.namedParameters()].map(([name]) => name)).toEqual(each.params);
  for (const [i, t] of [x, ...module.parameters()].entries()) close(t.grad, each.grads[i], `gradient ${i}`);
  closeStates(module, each.state_dict_after, "after");
  module.eval();
  close(Reflect.get(module, String(each.kw.name ?? "weight")) as Tensor, each.weight, "weight");
  close(module.forward(x), each.out_eval, "out in evaluation");
  closeStates(module, each.state_dict_after, "after evaluation");
}
const title = ({ parametrization, kw, spec, dtype }: Case) =>
  `${parametrization} ${JSON.stringify(kw)} of ${spec} ${dtype ?? ""}`;

describe.each(["parametrizations-torch213.json", "parametrizations-more-torch213.json.gz"])("%s", (file) => {
  const { seed, cases, old = [] } = read(file) as Figures;
  test.each(cases.map((each) => [title(each), each] as const))("%s", (_, each) => {
    check(each, seed, nn.utils.parametrizations);
  });
  if (old.length > 0)
    test.each(old.map((each) => [title(each), each] as const))("the older %s", (_, each) => {
      check(each, seed, nn.utils);
    });
});

test("a net of parametrized layers follows PyTorch's losses, from the same seed", () => {
  const curve = read("parametrized-mlp-torch213.json") as {
    readonly data: { readonly x: Encoded; readonly y: Encoded };
    readonly loss: number[];
  };
  const { orthogonal, spectralNorm, weightNorm } = nn.utils.parametrizations;
  manualSeed(0);
  const model = new nn.Sequential(
    weightNorm(new nn.Linear(6, 12)),
    new nn.Tanh(),
    spectralNorm(new nn.Linear(12, 12)),
    new nn.Tanh(),
    orthogonal(new nn.Linear(12, 12), "weight", { orthogonalMap: "matrixExp" }),
    new nn.Tanh(),
    orthogonal(new nn.Linear(12, 12), "weight", { orthogonalMap: "cayley" }),
    new nn.Tanh(),
    new nn.Linear(12, 2),
  );
  const [x, y] = [decode(curve.data.x), decode(curve.data.y)];
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true });
  const got = curve.loss.map((_, i) => {
    const loss = losses.mse(model.forward(x.select(0, i % 5)), y.select(0, i % 5));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  });
  // ten times what float32's rounding did to PyTorch's own curve is less
  for (const [i, loss] of got.entries()) expect(Math.abs(loss - curve.loss[i]), `step ${i}`).toBeLessThan(1e-5);
});
