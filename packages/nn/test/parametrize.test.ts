// Parametrizations of one's own, as torch.nn.utils.parametrize's documentation and tests have them.
import {
  ArgumentError,
  DTypeError,
  grad,
  manualSeed,
  matrixRank,
  memory,
  nn,
  noGrad,
  ones,
  optim,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
  vmap,
  zeros,
} from "flambeau";
import { describe, expect, test } from "vitest";

const { parametrizations, parametrize } = nn.utils;
class Symmetric extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.triu().add(x.triu(1).t());
  }
  rightInverse(y: Tensor): Tensor {
    return y.triu();
  }
}
class Double extends nn.Module {
  forward(x: Tensor): Tensor {
    return x.mul(2);
  }
}
class RankOne extends nn.Module {
  forward(x: Tensor, y: Tensor): Tensor {
    return x.unsqueeze(-1).matmul(y.unsqueeze(-2));
  }
  rightInverse(z: Tensor): readonly Tensor[] {
    const { U, S, Vh } = z.svd({ fullMatrices: false });
    const root = S.select(0, 0).sqrt();
    return [U.select(1, 0).mul(root), Vh.select(0, 0).mul(root)];
  }
}
const told = (call: () => unknown, kind: new (...rest: never[]) => Error, message: RegExp) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
};

describe("a parametrization", () => {
  test("of one original keeps the parameter that optimizers know, learns, is assigned to and goes again", () => {
    const layer = new nn.Linear(3, 3);
    const { weight } = layer;
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1 });
    const made = parametrize.registerParametrization(layer, "weight", new Symmetric());
    expect(made).toBe(layer);
    expect(made.parametrizations.get("weight").original).toBe(weight);
    expect(String(layer)).toBe(
      "ParametrizedLinear(\n  in_features=3, out_features=3, bias=True\n  (parametrizations): ModuleDict(\n" +
        "    (weight): ParametrizationList(\n      (0): Symmetric()\n    )\n  )\n)",
    );
    expect(layer).toBeInstanceOf(nn.Linear);
    layer
      .forward(ones([2, 3]))
      .square()
      .sum()
      .backward();
    expect(weight.grad?.tril(-1).abs().sum().item()).toBe(0);
    optimizer.step();
    expect(layer.weight.equal(layer.weight.t())).toBe(true);
    const value = tensor([
      [1, 2, 3],
      [2, 5, 6],
      [3, 6, 9],
    ]);
    layer.weight = new nn.Parameter(value);
    expect(layer.weight.tolist()).toEqual(value.tolist());
    expect(weight.tolist()).toEqual([
      [1, 2, 3],
      [0, 5, 6],
      [0, 0, 9],
    ]);
    expect(layer.weight.requiresGrad).toBe(true);
    parametrize.removeParametrizations(layer, "weight");
    expect([layer.weight === weight, layer.constructor === nn.Linear]).toEqual([true, true]);
    expect(weight.tolist()).toEqual(value.tolist());
    parametrize.registerParametrization(layer, "weight", new Symmetric());
    parametrize.removeParametrizations(layer, "weight", { leaveParametrized: false });
    expect(weight.tolist()).toEqual([
      [1, 2, 3],
      [0, 5, 6],
      [0, 0, 9],
    ]);
    expect([...layer.stateDict().keys()]).toEqual(["bias", "weight"]);
  });

  test("follows others, where they are, and needs all ways back to be assigned to", () => {
    const layer = parametrize.registerParametrization(new nn.Linear(2, 2), "weight", new Double());
    parametrize.registerParametrization(layer, "weight", new Symmetric());
    const { original } = layer.parametrizations.get("weight");
    nn.init.ones_(original as Tensor);
    expect(layer.weight.tolist()).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(layer.parametrizations.get("weight").length).toBe(2);
    told(() => Object.assign(layer, { weight: ones([2, 2]) }), ArgumentError, /Double has no rightInverse/);
    expect(parametrize.isParametrized(layer, "bias")).toBe(false);
    parametrize.registerParametrization(layer, "bias", new Double());
    parametrize.removeParametrizations(layer, "weight");
    expect(parametrize.isParametrized(layer)).toBe(true);
    expect(parametrize.typeBeforeParametrizations(layer)).toBe(nn.Linear);
  });

  test("of several originals makes new parameters", () => {
    manualSeed(0);
    const layer = parametrize.registerParametrization(new nn.Linear(4, 3), "weight", new RankOne());
    expect(matrixRank(layer.weight.detach()).item()).toBe(1);
    expect([...layer.namedParameters()].map(([name, p]) => [name, p.shape])).toEqual([
      ["bias", [3]],
      ["parametrizations.weight.original0", [3]],
      ["parametrizations.weight.original1", [4]],
    ]);
    told(
      () => parametrize.removeParametrizations(layer, "weight", { leaveParametrized: false }),
      ArgumentError,
      /several originals cannot be left unparametrized/,
    );
    const before = layer.weight.tolist();
    parametrize.removeParametrizations(layer, "weight");
    expect(layer.weight.tolist()).toEqual(before);
    expect([layer.weight.isLeaf, layer.weight.requiresGrad]).toEqual([true, true]);
  });

  test("is of buffers, too, and of fields with other keys", () => {
    const norm = parametrize.registerParametrization(new nn.BatchNorm1d(2), "runningVar", new Double());
    expect([...norm.stateDict().keys()]).toEqual([
      "weight",
      "bias",
      "running_mean",
      "num_batches_tracked",
      "parametrizations.running_var.original",
    ]);
    expect(norm.runningVar?.tolist()).toEqual([2, 2]);
    expect(parametrize.isParametrized(norm, "running_var")).toBe(true);
    parametrize.removeParametrizations(norm, "running_var");
    expect([...norm.buffers()].length).toBe(3);
    const lstm = parametrizations.weightNorm(new nn.LSTM(2, 3), "weight_hh_l0");
    expect(lstm.forward(ones([4, 1, 2]))[0].shape).toEqual([4, 1, 3]);
  });

  test("may change shape and dtype only when it is unsafe", () => {
    class Flat extends nn.Module {
      forward(x: Tensor): Tensor {
        return x.flatten();
      }
    }
    class Wide extends nn.Module {
      forward(x: Tensor): Tensor {
        return x.double();
      }
    }
    const layer = new nn.Linear(2, 2);
    told(
      () => parametrize.registerParametrization(layer, "weight", new Flat()),
      ShapeError,
      /must have the shape \[2,2\], got \[4\]/,
    );
    told(
      () => parametrize.registerParametrization(layer, "weight", new Wide()),
      DTypeError,
      /must have the dtype float32, got float64/,
    );
    expect(parametrize.isParametrized(layer)).toBe(false);
    expect([...layer.stateDict().keys()]).toEqual(["weight", "bias"]);
    parametrize.registerParametrization(layer, "weight", new Wide(), { unsafe: true });
    expect(layer.weight.dtype).toBe("float64");
    told(
      () => parametrize.registerParametrization(layer, "weights", new Wide()),
      ArgumentError,
      /no parameter or buffer "weights"/,
    );
    told(() => parametrize.removeParametrizations(layer, "bias"), ArgumentError, /no parametrization of "bias"/);
  });

  test("is computed once inside cached, of what stands there now", () => {
    let calls = 0;
    class Counted extends nn.Module {
      forward(x: Tensor): Tensor {
        calls++;
        return x.mul(1);
      }
    }
    const layer = parametrize.registerParametrization(new nn.Linear(1, 1, { bias: false }), "weight", new Counted(), {
      unsafe: true,
    });
    calls = 0;
    const both = parametrize.cached(() => {
      const first = layer.forward(ones([1, 1]));
      return first.add(tidy(() => layer.forward(first)));
    });
    expect(calls).toBe(1);
    both.sum().backward();
    expect(layer.parametrizations.get("weight").original?.grad).not.toBeNull();
    const name = "parametrizations.weight.original";
    const got = parametrize.cached(() => {
      const own = layer.forward(ones([1, 1])).item();
      return [
        nn.functionalCall(layer, { [name]: zeros([1, 1]) }, ones([1, 1])).item(),
        layer.forward(ones([1, 1])).item() === own,
      ];
    });
    expect(got).toEqual([0, true]);
    expect(parametrize.cached(() => [noGrad(() => layer.weight.requiresGrad), layer.weight.requiresGrad])).toEqual([
      false,
      true,
    ]);
    calls = 0;
    layer.forward(ones([1, 1]));
    layer.forward(ones([1, 1]));
    expect(calls).toBe(2);
    told(() => parametrize.cached((async () => 1) as unknown as () => number), Error, /synchronous/);
  });

  test("works inside functionalCall, grad and vmap", () => {
    const layer = parametrize.registerParametrization(new nn.Linear(2, 2, { bias: false }), "weight", new Double());
    const original = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const name = "parametrizations.weight.original";
    const out = nn.functionalCall(layer, { [name]: original }, ones([1, 2]));
    expect(out.tolist()).toEqual([[6, 14]]);
    expect(grad(out.sum(), original)[0].tolist()).toEqual([
      [2, 2],
      [2, 2],
    ]);
    const batch = randn([3, 2, 2]);
    const each = vmap((w: Tensor) => nn.functionalCall(layer, { [name]: w }, ones([1, 2])))(batch);
    expect(each.allclose(batch.mul(2).sum(-1).unsqueeze(1), { atol: 1e-6 })).toBe(true);
  });

  test("goes over to another module, with what it computes from", () => {
    const from = parametrize.registerParametrization(new nn.Linear(2, 2), "weight", new Symmetric());
    parametrize.registerParametrization(from, "bias", new Double());
    const to = parametrize.transferParametrizationsAndParams(from, new nn.Linear(2, 2), "weight");
    expect(to.weight.tolist()).toEqual(from.weight.tolist());
    expect(parametrize.isParametrized(to, "bias")).toBe(false);
    nn.init.ones_(from.parametrizations.get("weight").original as Tensor);
    expect(to.weight.tolist()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    const other = parametrize.transferParametrizationsAndParams(from, new nn.Identity());
    expect([...other.stateDict().keys()].sort()).toEqual([
      "parametrizations.bias.original",
      "parametrizations.weight.original",
    ]);
    const plain = new nn.Linear(2, 2);
    expect(parametrize.transferParametrizationsAndParams(plain, to)).toBe(to);
  });
});

test("weight norm loads what its older form wrote", () => {
  const older = nn.utils.weightNorm(new nn.Linear(3, 2));
  const model = new nn.Sequential(parametrizations.weightNorm(new nn.Linear(3, 2)));
  model.loadStateDict(new nn.Sequential(older).stateDict());
  expect(model.forward(ones([1, 3])).tolist()).toEqual(older.forward(ones([1, 3])).tolist());
  told(() => nn.utils.weightNorm(older), ArgumentError, /is computed already/);
  told(() => Object.assign(older, { weight: ones([2, 3]) }), ArgumentError, /computed from weight_g and weight_v/);
  const before = older.weight.tolist();
  nn.utils.removeWeightNorm(older);
  expect(older.weight.tolist()).toEqual(before);
  told(() => nn.utils.removeWeightNorm(older), ArgumentError, /no weightNorm of "weight"/);
  const spectral = nn.utils.spectralNorm(new nn.Linear(3, 2));
  const copy = spectral.clone();
  nn.utils.removeSpectralNorm(spectral);
  const u = (copy as unknown as { weight_u: Tensor }).weight_u.tolist();
  spectral.forward(ones([1, 3]));
  copy.forward(ones([1, 3])); // its power method goes on
  expect((copy as unknown as { weight_u: Tensor }).weight_u.tolist()).not.toEqual(u);
});

test("printing a module is no step of its power method", () => {
  const conv = parametrizations.spectralNorm(new nn.Conv2d(2, 3, 3));
  const { parametrizations: lists } = conv;
  const before = lists.get("weight").get(0).stateDict().get("_u")?.tolist();
  expect(String(conv)).toMatch(/^ParametrizedConv2d\(\n {2}2, 3, kernel_size=\(3, 3\), stride=\(1, 1\)\n/);
  expect(lists.get("weight").get(0).stateDict().get("_u")?.tolist()).toEqual(before);
  void conv.weight;
  expect(lists.get("weight").get(0).stateDict().get("_u")?.tolist()).not.toEqual(before);
});

test("a parametrized weight leaves nothing behind in scopes, and a call its result and the weight at most outside", () => {
  const { orthogonal, spectralNorm, weightNorm } = parametrizations;
  const layers = [
    weightNorm(new nn.Linear(4, 4)),
    spectralNorm(new nn.Linear(4, 4)),
    orthogonal(new nn.Linear(4, 4)),
    orthogonal(new nn.Linear(3, 4)),
    nn.utils.prune.l1Unstructured(new nn.Linear(4, 4), "weight", 2),
  ];
  for (const layer of layers) {
    const x = ones([1, layer.weight.shape[1]]);
    const before = memory().cpu.tensors;
    tidy(() => void layer.forward(x));
    expect(memory().cpu.tensors - before, layer.constructor.name).toBe(0);
    const kept = noGrad(() => layer.forward(x));
    expect(memory().cpu.tensors - before, layer.constructor.name).toBeLessThanOrEqual(2);
    kept.dispose();
  }
});
