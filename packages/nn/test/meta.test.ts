import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import "@flambeau/autograd";
import { linear, memory, registerBackend, type Tensor, tensor, withDevice, zeros } from "@flambeau/tensor";
import { expect, test } from "vitest";
import { Dropout, Embedding, LayerNorm, Linear, Module, ModuleList } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

/** GPT-2's sizes, without its attention's arithmetic: of a block's matrices only the last two are used. */
class Block extends Module {
  readonly ln1 = new LayerNorm(768);
  readonly attn = new Linear(768, 3 * 768);
  readonly proj = new Linear(768, 768);
  readonly ln2 = new LayerNorm(768);
  readonly up = new Linear(768, 4 * 768);
  readonly down = new Linear(4 * 768, 768);
  readonly drop = new Dropout(0.1);
  forward(x: Tensor): Tensor {
    return x.add(this.drop.forward(this.down.forward(this.up.forward(this.ln2.forward(x)).gelu())));
  }
}
class Gpt2 extends Module {
  readonly wte = new Embedding(50257, 768);
  readonly wpe = new Embedding(1024, 768);
  readonly h = new ModuleList(Array.from({ length: 12 }, () => new Block()));
  readonly norm = new LayerNorm(768);
  forward(tokens: Tensor): Tensor {
    let x = this.wte.forward(tokens);
    for (const block of this.h) x = (block as Block).forward(x);
    return linear(this.norm.forward(x), this.wte.weight);
  }
}

test("a model of GPT-2's size is built on meta in no memory", () => {
  const before = memory().cpu.bytes;
  const model = withDevice("meta", () => new Gpt2());
  // 124.4 million, as of the published model (its output layer is the embedding)
  expect([...model.parameters()].reduce((n, p) => n + p.size, 0)).toBe(124_439_808);
  expect(memory().cpu.bytes).toBe(before);
  const logits = model.forward(zeros([2, 1024], { dtype: "int32", device: "meta" }));
  expect([logits.shape, logits.device, logits.requiresGrad]).toEqual([[2, 1024, 50257], "meta", true]);
  expect(memory().cpu.bytes).toBe(before);
  expect([...model.parameters()].every((p) => p.device === "meta" && p.requiresGrad)).toBe(true);
});

test("toEmpty gives memory, loadStateDict the values; the parameters stay the same objects", () => {
  const model = withDevice("meta", () => new Linear(2, 1));
  const { weight } = model;
  model.toEmpty({ device: "cpu" });
  model.loadStateDict(
    new Map([
      ["weight", tensor([[2, 3]])],
      ["bias", tensor([1])],
    ]),
  );
  expect(model.weight).toBe(weight);
  expect(model.forward(tensor([10, 100])).tolist()).toEqual([321]);
  expect(() => model.toEmpty({ device: "cuda" })).toThrow('no backend is registered for device "cuda"');
});
