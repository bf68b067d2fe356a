import { arange, compile, cpuWasm, pad, registerBackend, stack, type Tensor, vmap } from "flambeau";
import { describe, expect, it } from "vitest";

registerBackend(cpuWasm({ threads: 1 }));
const x = arange(24).reshape([2, 3, 4]).to("float32");

describe.each(["reflect", "replicate", "circular"] as const)("%s padding", (mode) => {
  const padded = (t: Tensor) => pad(t, [1, 2], { mode });
  const place = (i: number) =>
    mode === "circular"
      ? (i + 4) % 4
      : mode === "replicate"
        ? Math.min(Math.max(i, 0), 3)
        : i < 0
          ? -i
          : i > 3
            ? 6 - i
            : i;
  const rows = x.tolist() as number[][][];

  it("is each line continued", () => {
    const want = rows.map((r) => r.map((line) => Array.from({ length: 7 }, (_, i) => line[place(i - 1)])));
    expect(padded(x).tolist()).toEqual(want);
    expect(padded(x.transpose(0, 1)).transpose(0, 1).tolist()).toEqual(want);
    expect(compile(padded)(x).tolist()).toEqual(want);
  });
  it("is batched", () => {
    const one = (t: Tensor) => padded(t.reshape([1, 3, 4]));
    expect(vmap(one)(x).tolist()).toEqual(stack([one(x.select(0, 0)), one(x.select(0, 1))], 0).tolist());
  });
  it("gives each element the gradients of its copies", () => {
    const y = x.clone().requiresGrad_(true);
    padded(y).mul(arange(7).to("float32")).sum().backward();
    const line = [0, 0, 0, 0];
    for (let i = 0; i < 7; i++) line[place(i - 1)] += i;
    expect(y.grad?.tolist()).toEqual(rows.map((r) => r.map(() => line)));
  });
});
