// The scalar functions that kernels are written with, in WGSL. Float functions are `f_<op>`, integer functions `i_<op>`; the
// builtins of the same meaning are only roughly accurate, or leave open what PyTorch defines.
import { arcs } from "./arcs.ts";
import { bits } from "./bits.ts";
import { errorFunction } from "./error-function.ts";
import { exponential } from "./exponential.ts";
import type { WgslFunction, WgslFunctions } from "./function.ts";
import { gamma } from "./gamma.ts";
import { half } from "./half.ts";
import { hyperbolic } from "./hyperbolic.ts";
import { integer } from "./integer.ts";
import { logarithms } from "./logarithm.ts";
import { power } from "./power.ts";
import { rounding } from "./rounding.ts";
import { trigonometric } from "./trigonometric.ts";

export const library: WgslFunctions = {
  ...bits,
  ...rounding,
  ...integer,
  ...half,
  ...exponential,
  ...logarithms,
  ...power,
  ...trigonometric,
  ...arcs,
  ...hyperbolic,
  ...errorFunction,
  ...gamma,
};

/** The text of the named entries and of all that they use, each once, what is used first; the same for names in any order. */
export function librarySource(names: Iterable<string>): string {
  const done = new Map<string, WgslFunction>();
  const add = (name: string): void => {
    if (done.has(name)) return;
    const entry = library[name];
    if (!entry) throw new Error(`there is no WGSL function "${name}" in the library`);
    for (const used of entry.uses ?? []) add(used);
    done.set(name, entry);
  };
  for (const name of [...names].sort()) add(name);
  return [...done.values()].map((f) => `${f.source}\n`).join("");
}
