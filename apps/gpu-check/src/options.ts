import { parseArgs } from "node:util";

export const partNames = ["primitives", "conformance", "memcheck", "racecheck", "jobs", "bench"] as const;
export type PartName = (typeof partNames)[number];

export interface Options {
  readonly only: readonly PartName[];
  readonly minutes: number;
  /** Of each training program. */
  readonly steps: number;
  /** The driver's library, where the loader does not find it by its name. */
  readonly driver: string | undefined;
  readonly python: string | undefined;
  readonly report: string | undefined;
  readonly markdown: boolean;
  readonly help: boolean;
}

export const usage = `npm run gpu-check -- [options]

Proves the CUDA backend on this machine's NVIDIA card.

  --only LIST      of ${partNames.join(", ")}
  --minutes N      how long it may take (8)
  --steps N        of each training program (50)
  --python PATH    a Python with torch, for the bench (else $FLAMBEAU_PYTHON, python3 or python, if they have it)
  --driver PATH    the driver's library, where the loader does not find libcuda.so.1
  --report FILE    write what was found as JSON
  --markdown       write the bench's table to docs/benchmarks.md
  --help           this text
`;

/** Reads the command line. @throws RangeError or TypeError that says what is wrong with it */
export function parse(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", default: partNames.join(",") },
      minutes: { type: "string", default: "8" },
      steps: { type: "string", default: "50" },
      driver: { type: "string" },
      python: { type: "string" },
      report: { type: "string" },
      markdown: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const wanted = values.only.split(",").filter(Boolean);
  for (const name of wanted)
    if (!partNames.some((known) => known === name))
      throw new RangeError(`--only: there is no part "${name}", only ${partNames.join(", ")}`);
  const [minutes, steps] = [Number(values.minutes), Number(values.steps)];
  if (!(minutes > 0)) throw new RangeError(`--minutes: expected a number above 0, got "${values.minutes}"`);
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`--steps: expected a whole number from 1 on, got "${values.steps}"`);
  return {
    ...{ minutes, steps, driver: values.driver, python: values.python, report: values.report },
    ...{ markdown: values.markdown, help: values.help },
    only: partNames.filter((name) => wanted.includes(name)),
  };
}
