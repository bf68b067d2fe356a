import { type DType, FlambeauError, isFloat, Tensor, tidy } from "@flambeau/tensor";
import type { Functions } from "../call.ts";
import { isEncodedTensor } from "../encoded.ts";
import type { OpCase } from "../ops.ts";
import { compared, type Finding } from "./finding.ts";
import { differenceOf, type Outcome, outcomeOf } from "./outcome.ts";
import { call, type Setting } from "./setting.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** Our functions with those that have an in-place form replaced by it. `used` is called when one of them runs. */
function inPlaceForms(functions: Functions, used: () => void): Functions {
  return new Proxy(functions, {
    get(_, name: string) {
      const own = functions[name];
      const form = functions[`${name}_`];
      if (typeof own !== "function" || typeof form !== "function") return own;
      return (...args: unknown[]) => {
        if (!(args[0] instanceof Tensor)) return (own as AnyFunction)(...args); // no target: a number comes first
        used();
        return (form as AnyFunction)(...args); // an in-place form takes its function's arguments
      };
    },
  });
}

function program(setting: Setting): Outcome {
  return tidy(() => {
    const run = call(setting);
    // also those without a gradient: in place they must not have one either
    return outcomeOf([run.results], run.decoder.leaves);
  });
}

/** The case with a target in the graph, also where PyTorch recorded none because the op has no gradient: in place it must not keep one. */
const tracked = (c: OpCase): OpCase =>
  isEncodedTensor(c.input) && isFloat(c.input.$t as DType) ? { ...c, input: { ...c.input, rg: true } } : c; // the dtype is one of ours

/** The op's own in-place form gives the values and the gradients of the op, or is refused. Void for an op without one. */
export function twinFinding(setting: Setting): Finding {
  let found = false;
  const functions = inPlaceForms(setting.functions, () => {
    found = true;
  });
  const own = { ...setting, c: tracked(setting.c) };
  const finding = compared(
    () => program(own),
    () => program({ ...own, functions }),
    (ours, wanted) => differenceOf(ours, wanted),
    // also with other errors: a result of another shape or dtype does not fit into the target
    (error) => error instanceof FlambeauError,
  );
  return found ? finding : "void";
}
