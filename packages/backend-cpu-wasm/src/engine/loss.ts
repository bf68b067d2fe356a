import { grainOf } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import { setArguments, withWorkspace } from "./workspace.ts";

export type Reduction = "none" | "mean" | "sum";

/** Addresses of a cross entropy of logits [rows, classes] with int32 targets [rows]. */
export interface CrossEntropy {
  rows: number;
  classes: number;
  logits: number;
  targets: number;
  /** Rows with this target count for nothing (PyTorch's default is -100). */
  ignoreIndex: number;
  reduction: Reduction;
  /** [rows] for "none", else one value. */
  output: number;
  /** 2·rows + 1 f32, written here and read by the backward: each row's max and log-sum, then the rows that count. */
  saved: number;
}

/** loss = log Σ exp(logits - logits[target]). False when a target is outside [0, classes): the result is void then. */
export function crossEntropyForward(engine: Engine, a: CrossEntropy): boolean {
  const { rows, classes } = a;
  // the last slots of the argument area, beyond every kernel's arguments
  const flag = engine.desc + 4000;
  engine.i32[flag >>> 2] = 0;
  const forward = (losses: number): void => {
    setArguments(engine, 0, [a.logits, a.targets, losses, a.saved, classes, a.ignoreIndex, flag]);
    if (rows > 0) engine.run(engine.staticKernel("cross_entropy"), engine.desc, rows, grainOf(2048, classes));
  };
  const total = (losses: number, output: number): void => {
    const mean = a.reduction === "mean" ? 1 : 0;
    setArguments(engine, 0, [losses, a.targets, rows, a.ignoreIndex, mean, output, a.saved + rows * 8]);
    engine.fn(engine.staticKernel("cross_entropy_total"))(engine.desc, 0, 1);
  };
  if (a.reduction === "none") forward(a.output);
  else {
    withWorkspace(engine, "crossEntropy", rows * 4, (losses) => {
      forward(losses);
      total(losses, a.output);
    });
  }
  return engine.i32[flag >>> 2] === 0;
}

/** The logits' gradient, from that of the output ([rows] for "none", else one value). */
export function crossEntropyBackward(
  engine: Engine,
  a: Omit<CrossEntropy, "output">,
  gradient: number,
  logitsGradient: number,
): void {
  if (a.rows === 0) return;
  const divisor = a.reduction === "mean" ? a.saved + a.rows * 8 : 0;
  const step = a.reduction === "none" ? 1 : 0;
  setArguments(engine, 0, [a.logits, a.targets, a.saved, gradient, step, divisor]);
  setArguments(engine, 6, [a.classes, a.ignoreIndex, logitsGradient]);
  engine.run(engine.staticKernel("cross_entropy_backward"), engine.desc, a.rows, grainOf(2048, a.classes));
}
