// A program captured on the GPU: it runs there, at sizes that it has not seen, and on the cpu from the same file.
import { capture, Graph, losses, manualSeed, nn, randint, registerBackend, type Tensor, tidy, zeros } from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const device = "webgpu";

class Net extends nn.Module {
  tokens = new nn.Embedding(11, 8);
  norm = new nn.LayerNorm(8);
  mixed = new nn.MultiheadAttention(8, 2, { batchFirst: true });
  out = new nn.Linear(8, 11);
  forward(ids: Tensor): Tensor {
    const x = this.tokens.forward(ids);
    const h = this.norm.forward(x);
    const [y] = this.mixed.forward(h, h, h, { needWeights: false });
    return this.out.forward(x.add(y)).gelu();
  }
}

describe.skipIf(await adapterMissing())("capture on webgpu", () => {
  let backend: Awaited<ReturnType<typeof openBackend>>;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  it("runs to the function's bits, at other sizes and from JSON, with gradients", async () => {
    manualSeed(2);
    const model = new Net();
    const ids = (...shape: number[]) => randint(0, 11, shape, { dtype: "int32" });
    const elsewhere = ids(4, 7);
    const there = elsewhere.to(device);
    const onCpu = model.forward(elsewhere).dataSync();
    model.to(device);
    const graph = capture((x: Tensor) => model.forward(x), [ids(2, 5).to(device)], {
      model,
      alsoAt: [ids(3, 6).to(device)],
      dims: ["batch", "time"],
    });
    const values = async (y: Tensor) => [...(await y.data())];
    const wanted = await values(model.forward(there));
    expect(await values(graph.run([there]) as Tensor)).toEqual(wanted);

    const again = Graph.fromJSON(JSON.parse(JSON.stringify(graph)), graph.tensors);
    expect(await values(again.run([there]) as Tensor)).toEqual(wanted);
    for (const [i, v] of wanted.entries()) expect(Math.abs(Number(v) - Number(onCpu[i]))).toBeLessThan(1e-4);

    const gradients = async (run: (x: Tensor) => Tensor) => {
      for (const p of model.parameters()) p.grad = null;
      tidy(() => losses.mse(run(there), zeros([4, 7, 11], { device })).backward());
      return Promise.all(model.parameters().map((p) => values(p.grad as Tensor)));
    };
    expect(await gradients((x) => graph.run([x]) as Tensor)).toEqual(await gradients((x) => model.forward(x)));
  });
});
