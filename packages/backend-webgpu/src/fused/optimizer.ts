import type { FusedKernel, View } from "@flambeau/tensor";
import { sizeOf } from "@flambeau/tensor/functional";
import type { Engine } from "../engine/engine.ts";
import { blockOf } from "../engine/memory.ts";
import { floatWord, shader, word, workgroup } from "../wgsl/shader.ts";

interface AdamAttrs {
  readonly step: number;
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly decoupledWeightDecay: boolean;
  readonly maximize: boolean;
}
interface SgdAttrs {
  readonly first: boolean;
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly maximize: boolean;
}

/** Parameter words: elements, the views' offsets, then numbers and flags. */
const n = 1;
const offset = (v: number): number => 2 + v;
const numbers = 7;
const number = (k: number): string => floatWord(numbers + k);
const flag = (k: number): string => `(${word(numbers + k)} != 0u)`;

const start = (views: number): string => `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(n)}) { return; }
  ${Array.from({ length: views }, (_, v) => `let at${v} = ${word(offset(v))} + i;`).join("\n  ")}`;

/** Steps follow the definitions in @flambeau/optim, operation by operation. `decay` is skipped when 0: it would make NaN of infinity. */
const descent = (gradient: string, decay: number, maximize: number): string => `
  var g = select(${gradient}, -${gradient}, ${flag(maximize)});
  if (${number(decay)} != 0f) { g = g + old * ${number(decay)}; }`;

const ADAM = {
  shrink: 0,
  decay: 1,
  toGradient: 2,
  beta2: 3,
  rest2: 4,
  root: 5,
  eps: 6,
  step: 7,
  maximize: 8,
  all: 9,
} as const; // prettier-ignore

/** w0 parameter, w1 first moment, w2 second moment, w3 its maximum for AMSGrad, r0 gradient. */
const adamShader = (amsgrad: boolean) => {
  const written = amsgrad ? 4 : 3;
  return shader({
    label: "adamStep",
    writes: Array.from({ length: written }, () => "f32"),
    reads: ["f32"],
    uses: ["f_sqrt", "f_div", "f_max"],
    body: `${start(written + 1)}
  let old = w0[at0] * ${number(ADAM.shrink)};
  ${descent(`r0[at${written}]`, ADAM.decay, ADAM.maximize)}
  let before = w1[at1];
  let m = before + ${number(ADAM.toGradient)} * (g - before);
  var v = w2[at2] * ${number(ADAM.beta2)} + g * g * ${number(ADAM.rest2)};
  w1[at1] = m;
  w2[at2] = v;
  ${amsgrad ? "v = f_max(w3[at3], v);\n  w3[at3] = v;" : ""}
  let denominator = f_div(f_sqrt(v), ${number(ADAM.root)}) + ${number(ADAM.eps)};
  w0[at0] = old + f_div(m, denominator) * ${number(ADAM.step)};`,
  });
};

const SGD = { lr: 0, momentum: 1, fresh: 2, decay: 3, first: 4, nesterov: 5, maximize: 6, all: 7 } as const;

/** w0 parameter, w1 momentum buffer where there is momentum, r0 gradient. */
const sgdShader = (buffered: boolean) =>
  shader({
    label: "sgdStep",
    writes: buffered ? ["f32", "f32"] : ["f32"],
    reads: ["f32"],
    body: `${start(buffered ? 3 : 2)}
  let old = w0[at0];
  ${descent(`r0[at${buffered ? 2 : 1}]`, SGD.decay, SGD.maximize)}
  ${
    buffered
      ? `var v = g;
  if (!${flag(SGD.first)}) { v = w1[at1] * ${number(SGD.momentum)} + g * ${number(SGD.fresh)}; }
  w1[at1] = v;
  g = select(v, g + v * ${number(SGD.momentum)}, ${flag(SGD.nesterov)});`
      : ""
  }
  w0[at0] = old - g * ${number(SGD.lr)};`,
  });

/** float32 views in buffers of their own: a dispatch that writes one may bind it once. */
function supports(views: readonly View[]): boolean {
  for (let v = 0; v < views.length; v++) {
    if (views[v].dtype !== "float32") return false;
    for (let w = 0; w < v; w++) if (views[w].buffer === views[v].buffer) return false;
  }
  return true;
}

/** One optimizer step of one parameter in one dispatch: the gradient in, the parameter and its state in place. */
export function optimizerKernels(engine: Engine): Record<string, FusedKernel> {
  const adam = engine.kernel(adamShader(false));
  const amsgrad = engine.kernel(adamShader(true));
  const sgd = engine.kernel(sgdShader(false));
  const momentum = engine.kernel(sgdShader(true));

  /** Begins a dispatch with a view as the next block. */
  const bind = (at: number, v: number, view: View): void => {
    engine.blocks[v] = blockOf(view.buffer);
    engine.u32[at + offset(v)] = view.offset;
  };
  return {
    adamStep: {
      supports,
      run([gradient, maximum], [p, expAvg, expAvgSq], attrs) {
        const a = attrs as AdamAttrs; // the optimizer's
        const size = sizeOf(p.shape);
        if (size === 0) return;
        const at = engine.begin(numbers + ADAM.all);
        const { f32, u32 } = engine;
        bind(at, 0, p);
        bind(at, 1, expAvg);
        bind(at, 2, expAvgSq);
        if (maximum) bind(at, 3, maximum);
        bind(at, maximum ? 4 : 3, gradient);
        u32[at + n] = size;
        const to = at + numbers;
        f32[to + ADAM.shrink] = a.decoupledWeightDecay ? 1 - a.lr * a.weightDecay : 1;
        f32[to + ADAM.decay] = a.decoupledWeightDecay ? 0 : a.weightDecay;
        f32[to + ADAM.toGradient] = 1 - a.betas[0];
        f32[to + ADAM.beta2] = a.betas[1];
        f32[to + ADAM.rest2] = 1 - a.betas[1];
        f32[to + ADAM.root] = Math.sqrt(1 - a.betas[1] ** a.step);
        f32[to + ADAM.eps] = a.eps;
        f32[to + ADAM.step] = -a.lr / (1 - a.betas[0] ** a.step);
        u32[to + ADAM.maximize] = Number(a.maximize);
        engine.dispatchLine(maximum ? amsgrad : adam, at, numbers + ADAM.all, Math.ceil(size / workgroup));
      },
    },
    sgdStep: {
      supports,
      run([gradient], [p, momentumBuffer], attrs) {
        const a = attrs as SgdAttrs; // the optimizer's
        const size = sizeOf(p.shape);
        if (size === 0) return;
        const at = engine.begin(numbers + SGD.all);
        const { f32, u32 } = engine;
        bind(at, 0, p);
        if (momentumBuffer) bind(at, 1, momentumBuffer);
        bind(at, momentumBuffer ? 2 : 1, gradient);
        u32[at + n] = size;
        const to = at + numbers;
        f32[to + SGD.lr] = a.lr;
        f32[to + SGD.momentum] = a.momentum;
        f32[to + SGD.fresh] = 1 - a.dampening;
        f32[to + SGD.decay] = a.weightDecay;
        u32[to + SGD.first] = Number(a.first);
        u32[to + SGD.nesterov] = Number(a.nesterov);
        u32[to + SGD.maximize] = Number(a.maximize);
        engine.dispatchLine(momentumBuffer ? momentum : sgd, at, numbers + SGD.all, Math.ceil(size / workgroup));
      },
    },
  };
}
