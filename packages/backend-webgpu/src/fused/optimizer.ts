import type { FusedKernels, View } from "@flambeau/tensor/plugin";
import { sizeOf } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { isSoftware } from "../engine/software.ts";
import { floatWord, shader, word, workgroup } from "../wgsl/shader.ts";

/**
 * Parameter words: the fold's width, the elements that a workgroup updates, numbers and flags, then for each parameter its first
 * workgroup, size and views' offsets.
 */
const shareWord = 1;
const numbers = 2;
const tensors = 12;
const number = (k: number): string => floatWord(numbers + k);
const flag = (k: number): string => `(${word(numbers + k)} != 0u)`;

/** Parameters in a dispatch, where the device binds that many buffers: more would only make the shader longer. */
const most = 8;

/** How a step updates one element: `x0` of the parameter and `x1`... of its state, from `gradient`. */
interface Step {
  readonly label: string;
  /** Tensors that it writes of each parameter. */
  readonly written: number;
  readonly uses: readonly string[];
  readonly text: string;
}

/**
 * The step of `count` parameters, each in its own range of workgroups. Bound are the tensors that are written, parameter by
 * parameter, then the gradients. A parameter's loop runs in its own workgroups only: in those before them `begin` wraps around to
 * far beyond its size. These are loops because a software device runs every branch of a condition for every element, but an empty
 * loop only once.
 */
function stepShader({ label, written, uses, text }: Step, count: number) {
  const words = 3 + written;
  const loop = (_: unknown, t: number): string => {
    const at = (k: number): string => word(tensors + t * words + k);
    const views = Array.from({ length: written }, (_, v) => ({
      x: `x${v}`,
      w: `w${t * written + v}[${at(2 + v)} + i]`,
    }));
    return `{
    let begin = (group - ${at(0)}) * share;
    let end = min(begin + share, ${at(1)});
    for (var i = begin + local; i < end; i += ${workgroup}u) {
      let gradient = r${t}[${at(2 + written)} + i];
      ${views.map(({ x, w }) => `var ${x} = ${w};`).join("\n      ")}
      ${text}
      ${views.map(({ x, w }) => `${w} = ${x};`).join("\n      ")}
    }
  }`;
  };
  return shader({
    label,
    writes: new Array<string>(count * written).fill("f32"),
    reads: new Array<string>(count).fill("f32"),
    uses,
    body: `let share = ${word(shareWord)};
  ${Array.from({ length: count }, loop).join("\n  ")}`,
  });
}

/** Steps follow the definitions in @flambeau/optim, operation by operation. `decay` is skipped when 0: it would make NaN of infinity. */
const descent = (decay: number, maximize: number): string => `
  var g = select(gradient, -gradient, ${flag(maximize)});
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
} as const; // prettier-ignore

/** The state: first moment, second moment, and its maximum for AMSGrad. */
const adamStep = (amsgrad: boolean): Step => ({
  label: "adamStep",
  written: amsgrad ? 4 : 3,
  uses: ["f_sqrt", "f_div", "f_max"],
  text: `let old = x0 * ${number(ADAM.shrink)};
  ${descent(ADAM.decay, ADAM.maximize)}
  x1 = x1 + ${number(ADAM.toGradient)} * (g - x1);
  x2 = x2 * ${number(ADAM.beta2)} + g * g * ${number(ADAM.rest2)};
  ${amsgrad ? "x3 = f_max(x3, x2);" : ""}
  let denominator = f_div(f_sqrt(${amsgrad ? "x3" : "x2"}), ${number(ADAM.root)}) + ${number(ADAM.eps)};
  x0 = old + f_div(x1, denominator) * ${number(ADAM.step)};`,
});

const SGD = { lr: 0, momentum: 1, fresh: 2, decay: 3, first: 4, nesterov: 5, maximize: 6 } as const;

/** The state: the momentum buffer, where there is momentum. */
const sgdStep = (buffered: boolean): Step => ({
  label: "sgdStep",
  written: buffered ? 2 : 1,
  uses: [],
  text: `let old = x0;
  ${descent(SGD.decay, SGD.maximize)}
  ${
    buffered
      ? `var v = g;
  if (!${flag(SGD.first)}) { v = x1 * ${number(SGD.momentum)} + g * ${number(SGD.fresh)}; }
  x1 = v;
  g = select(v, g + v * ${number(SGD.momentum)}, ${flag(SGD.nesterov)});`
      : ""
  }
  x0 = old - g * ${number(SGD.lr)};`,
});

/** float32 views of a parameter, in buffers of their own: a dispatch that writes one may bind it once. */
function supports(views: readonly View[]): boolean {
  for (let v = 0; v < views.length; v++) {
    if (views[v].dtype !== "float32") return false;
    for (let w = 0; w < v; w++) if (views[w].buffer === views[v].buffer) return false;
  }
  return true;
}

/** A step's kernels by the number of parameters in a dispatch, which is as large as the device's bindings allow. */
class StepKernels {
  readonly #engine: Engine;
  readonly #step: Step;
  readonly #limit: number;
  /** Elements that a workgroup updates. */
  readonly #share: number;
  readonly #kernels: (Kernel | undefined)[] = [];
  /** Places of the parameters of the dispatch at hand. */
  readonly #picked: number[] = [];

  constructor(engine: Engine, step: Step, bindings: number, software: boolean) {
    this.#engine = engine;
    this.#step = step;
    this.#limit = Math.max(1, Math.min(most, Math.floor(bindings / (step.written + 1))));
    this.#share = workgroup * (software ? 32 : 4);
  }

  run(gradients: readonly View[], written: readonly View[], fill: (at: number) => void): void {
    const picked = this.#picked;
    picked.length = 0;
    let total = 0;
    for (let t = 0; t < gradients.length; t++) {
      const size = sizeOf(gradients[t].shape);
      if (size === 0) continue;
      // positions are u32, of which the upper half says "not here yet"
      const full = picked.length === this.#limit || total + size > 2 ** 31;
      if (picked.length > 0 && (full || this.#clashes(t, gradients, written))) {
        this.#dispatch(gradients, written, fill);
        picked.length = 0;
        total = 0;
      }
      picked.push(t);
      total += size;
    }
    if (picked.length > 0) this.#dispatch(gradients, written, fill);
  }

  /** Whether a parameter shares a buffer with one already picked, which one of them writes. */
  #clashes(t: number, gradients: readonly View[], written: readonly View[]): boolean {
    const each = this.#step.written;
    for (const other of this.#picked)
      for (let v = 0; v < each; v++) {
        const mine = written[t * each + v].buffer;
        if (mine === gradients[other].buffer || written[other * each + v].buffer === gradients[t].buffer) return true;
        for (let w = 0; w < each; w++) if (mine === written[other * each + w].buffer) return true;
      }
    return false;
  }

  #dispatch(gradients: readonly View[], written: readonly View[], fill: (at: number) => void): void {
    const [engine, picked, each] = [this.#engine, this.#picked, this.#step.written];
    const count = picked.length;
    const words = tensors + count * (3 + each);
    const at = engine.begin(words);
    const { blocks, u32 } = engine;
    u32[at + shareWord] = this.#share;
    fill(at + numbers);
    let to = at + tensors;
    let groups = 0;
    for (let k = 0; k < count; k++) {
      const gradient = gradients[picked[k]];
      const size = sizeOf(gradient.shape);
      u32[to++] = groups;
      u32[to++] = size;
      groups += Math.ceil(size / this.#share);
      for (let v = 0; v < each; v++) {
        const view = written[picked[k] * each + v];
        blocks[k * each + v] = blockOf(view.buffer);
        u32[to++] = view.offset;
      }
      blocks[count * each + k] = blockOf(gradient.buffer);
      u32[to++] = gradient.offset;
    }
    const kernel = (this.#kernels[count] ??= engine.kernel(stepShader(this.#step, count)));
    engine.dispatchLine(kernel, at, words, groups);
  }
}

/** Optimizer steps of several parameters in a dispatch: the gradients in; in place each parameter followed by its state. */
export function optimizerKernels(
  engine: Engine,
  bindings: number = engine.device.limits.maxStorageBuffersPerShaderStage,
  software: boolean = isSoftware(engine.device),
): Required<FusedKernels<"adamStep" | "sgdStep">> {
  const adam = new StepKernels(engine, adamStep(false), bindings, software);
  const amsgrad = new StepKernels(engine, adamStep(true), bindings, software);
  const sgd = new StepKernels(engine, sgdStep(false), bindings, software);
  const momentum = new StepKernels(engine, sgdStep(true), bindings, software);
  const { f32, u32 } = engine;
  return {
    adamStep: {
      supports,
      run(gradients, written, a) {
        (written.length === 4 * gradients.length ? amsgrad : adam).run(gradients, written, (to) => {
          f32[to + ADAM.shrink] = a.decoupledWeightDecay ? 1 - a.lr * a.weightDecay : 1;
          f32[to + ADAM.decay] = a.decoupledWeightDecay ? 0 : a.weightDecay;
          f32[to + ADAM.toGradient] = 1 - a.betas[0];
          f32[to + ADAM.beta2] = a.betas[1];
          f32[to + ADAM.rest2] = 1 - a.betas[1];
          f32[to + ADAM.root] = Math.sqrt(1 - a.betas[1] ** a.step);
          f32[to + ADAM.eps] = a.eps;
          f32[to + ADAM.step] = -a.lr / (1 - a.betas[0] ** a.step);
          u32[to + ADAM.maximize] = Number(a.maximize);
        });
      },
    },
    sgdStep: {
      supports,
      run(gradients, written, a) {
        (written.length === 2 * gradients.length ? momentum : sgd).run(gradients, written, (to) => {
          f32[to + SGD.lr] = a.lr;
          f32[to + SGD.momentum] = a.momentum;
          f32[to + SGD.fresh] = 1 - a.dampening;
          f32[to + SGD.decay] = a.weightDecay;
          u32[to + SGD.first] = a.first;
          u32[to + SGD.nesterov] = Number(a.nesterov);
          u32[to + SGD.maximize] = Number(a.maximize);
        });
      },
    },
  };
}
