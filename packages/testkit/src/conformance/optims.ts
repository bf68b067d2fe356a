import { add, mul, pow, sin, sub, sum, Tensor, tidy } from "@flambeau/tensor";
import { Call, type Functions, run, Unmapped } from "./call.ts";
import { difference } from "./compare.ts";
import { Decoder } from "./decode.ts";
import { cannotReplay, type Encoded, type EncodedTensor } from "./encoded.ts";
import { optimizerRows } from "./map/optims.ts";
import { reasonOf } from "./ops.ts";
import { failed, type Outcome, passed, skipped, unmapped } from "./outcome.ts";
import { toleranceOf } from "./tolerance.ts";

interface OptimCase {
  readonly desc: string;
  readonly kwargs: { readonly [name: string]: Encoded };
  readonly p0: readonly EncodedTensor[];
  /** The parameters after each step. */
  readonly traj: readonly (readonly EncodedTensor[])[];
  /** Absent where the trajectory was cut short. */
  readonly loss_last?: number;
}
export interface OptimFile {
  readonly optim: string;
  readonly cases: readonly OptimCase[];
}

interface OurOptimizer {
  zeroGrad(): void;
  step(closure: () => Tensor): Tensor | undefined;
}

/** Replays an optimizer's trajectories on the recorded objective. */
export function runOptims(file: OptimFile, device: string, classes: Functions): Outcome[] {
  return file.cases.map((c) => {
    const reason = cannotReplay(c);
    if (reason !== null) return skipped(reason);
    try {
      const problem = tidy(() => replay(file.optim, c, device, classes));
      return problem === null ? passed : failed(`${c.desc || "default"}: ${problem}`);
    } catch (error) {
      return error instanceof Unmapped ? unmapped(error.message) : failed(reasonOf(error));
    }
  });
}

/** The objective of the fixtures: sum((p - 0.3)^2) + 0.1 sum(p^4) + sum(sin(3p)), over all parameters. */
const objective = (params: readonly Tensor[]): Tensor =>
  params
    .map((p) => add(add(sum(pow(sub(p, 0.3), 2)), mul(sum(pow(p, 4)), 0.1)), sum(sin(mul(p, 3)))))
    .reduce((a, b) => add(a, b));

function replay(name: string, c: OptimCase, device: string, classes: Functions): string | null {
  const row = Object.hasOwn(optimizerRows, name) ? optimizerRows[name] : undefined;
  if (row === undefined) throw new Unmapped(`no row for ${name}`);
  const decoder = new Decoder(device);
  const params = c.p0.map((p) => decoder.tensor({ ...p, rg: true }));
  const kwargs = Object.fromEntries(Object.entries(c.kwargs).map(([k, v]) => [k, decoder.value(v)]));
  const optimizer = run(row, new Call(name, [params], kwargs, device, classes), true) as OurOptimizer; // a class of optimizers
  const tolerance = toleranceOf(`${name}: ${c.desc}`, "float32");
  let last: Tensor | undefined;
  for (const [step, expected] of c.traj.entries()) {
    last = optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = objective(params);
      loss.backward();
      return loss;
    });
    for (const [i, p] of params.entries()) {
      const problem = difference(p, expected[i], tolerance);
      if (problem !== null) return `parameter ${i} after step ${step + 1} ${problem}`;
    }
  }
  if (!(last instanceof Tensor)) return `step() gave ${String(last)}, PyTorch gives the closure's loss`;
  if (c.loss_last === undefined) return null;
  const loss = last.item();
  return Math.abs(loss - c.loss_last) <= tolerance.atol + tolerance.rtol * Math.abs(c.loss_last)
    ? null
    : `last loss ${loss}, PyTorch's is ${c.loss_last}`;
}
