import { gradcheck } from "@flambeau/autograd";
import { AutogradError, type Tensor, tidy } from "@flambeau/tensor";
import { reasonOf } from "../ops.ts";
import type { Finding } from "./finding.ts";
import { recorded } from "./results.ts";
import { call, changeable, type Setting, type Target } from "./setting.ts";
import { varied, type Write } from "./writes.ts";

function finding(program: (...moved: Tensor[]) => Tensor[], leaves: readonly Tensor[]): Finding {
  try {
    gradcheck(program, leaves, { fastMode: true });
    return "holds";
  } catch (error) {
    const refused = error instanceof AutogradError && !error.message.startsWith("gradcheck:");
    return refused ? "refused" : { problem: reasonOf(error) };
  }
}

/**
 * The gradients of a program that changes a tensor in place are the slopes of its values (float64). All results and all inputs as they
 * are afterwards are looked at, also those that show the changed memory. Void for an op whose own gradients are no slopes, at a kink
 * or on purpose.
 */
export function slopeFinding(setting: Setting, write: Write, { index, parts }: Target): Finding {
  if (write.untracked || (write.part && !parts)) return "void";
  return tidy(() => {
    const { leaves } = call(setting).decoder;
    const plain = (...moved: Tensor[]): Tensor[] => changeable(call(setting, moved));
    const changed = (...moved: Tensor[]): Tensor[] => {
      const all = plain(...moved);
      return [...recorded(write.inPlace(all[index], varied(all[index], 1))), ...all];
    };
    const found = finding(changed, leaves);
    return typeof found === "object" && finding(plain, leaves) !== "holds" ? "void" : found;
  });
}
