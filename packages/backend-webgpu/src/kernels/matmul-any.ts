import type { View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import type { Block } from "../engine/memory.ts";
import { load, naturalType, perWord, type Slot, store } from "../wgsl/elements.ts";
import { literal } from "../wgsl/scalar.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { type GpuDType, gpuDType, gpuDTypes } from "../wgsl/types.ts";

/** Terms that are added before their sum joins the total, so that rounding errors of long products do not pile up. */
const run = 256;

/** Products of any dtype, one invocation an element: integers wrap, bools are joined by or, halves are rounded once at the end. */
export class MatmulOfAny {
  readonly #engine: Engine;
  readonly #kernels: Kernel[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  run(a: View, b: View, output: View, left: Block, right: Block, out: Block): void {
    const engine = this.#engine;
    const [batch, m, n] = output.shape;
    const dtype = gpuDType(output.dtype);
    const key = gpuDTypes.indexOf(dtype);
    const kernel = (this.#kernels[key] ??= engine.kernel(source(dtype)));
    const at = engine.begin(16);
    const { u32, blocks } = engine;
    blocks[0] = out;
    blocks[1] = left;
    blocks[2] = right;
    u32[at + 1] = batch * m * n;
    u32[at + 2] = m;
    u32[at + 3] = n;
    u32[at + 4] = a.shape[2];
    u32[at + 5] = output.offset;
    u32[at + 6] = a.offset;
    u32[at + 7] = b.offset;
    for (let d = 0; d < 3; d++) {
      u32[at + 8 + d] = a.strides[d];
      u32[at + 11 + d] = b.strides[d];
    }
    engine.dispatchLine(kernel, at, 14, Math.ceil((batch * m * n) / workgroup));
  }
}

function source(dtype: GpuDType) {
  const uses = new Set<string>();
  const target: Slot = { name: "w0", atomic: perWord(dtype) > 1 };
  const left = load({ name: "r0", atomic: false }, dtype, "atA", uses);
  const right = load({ name: "r1", atomic: false }, dtype, "atB", uses);
  const type = naturalType[dtype];
  const zero = literal(0, type, uses);
  const join = type === "bool" ? `sum = sum || (${left} && ${right});` : `sum += ${left} * ${right};`;
  return shader({
    label: `matmul ${dtype}`,
    writes: [target.atomic ? "atomic<u32>" : "u32"],
    reads: ["u32", "u32"],
    uses,
    body: `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(1)}) { return; }
  let n = ${word(3)};
  let column = i % n;
  let row = (i / n) % ${word(2)};
  let batch = i / n / ${word(2)};
  var atA = ${word(6)} + batch * ${word(8)} + row * ${word(9)};
  var atB = ${word(7)} + batch * ${word(11)} + column * ${word(13)};
  var total = ${zero};
  for (var start = 0u; start < ${word(4)}; start += ${run}u) {
    let end = min(start + ${run}u, ${word(4)});
    var sum = ${zero};
    for (var k = start; k < end; k++) {
      ${join}
      atA += ${word(10)};
      atB += ${word(12)};
    }
    total ${type === "bool" ? "= total | sum" : "+= sum"};
  }
  ${store(target, dtype, `${word(5)} + i`, "total", uses)}`,
  });
}
