import { tidy } from "@flambeau/tensor";
import { compared, type Finding } from "./finding.ts";
import { differenceOf, type Outcome, outcomeOf } from "./outcome.ts";
import { call, changeable, type Setting, type Target } from "./setting.ts";
import { varied, type Write } from "./writes.ts";

function program(setting: Setting, write: Write, { index, intact }: Target, how: "inPlace" | "apart"): Outcome {
  return tidy(() => {
    const run = call(setting);
    const all = changeable(run);
    const operand = varied(all[index], 1, true);
    const changed = write[how](all[index], operand);
    return outcomeOf([changed, intact.map((i) => all[i])], [...run.decoder.leaves, operand]);
  });
}

/**
 * Changing a result of an op, or an input after the call, gives the values and the gradients of the same program out of place, or is
 * refused with an error that says so. What does not show the changed memory keeps its values and its gradients.
 */
export function writeFinding(setting: Setting, write: Write, target: Target): Finding {
  if (write.part && !target.parts) return "void";
  return compared(
    () => program(setting, write, target, "apart"),
    () => program(setting, write, target, "inPlace"),
    // what was changed outside the graph comes first
    (ours, wanted) => differenceOf(ours, wanted, write.untracked ? 1 : 0),
  );
}
