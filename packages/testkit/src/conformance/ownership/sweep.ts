import { type DType, FlambeauError, isFloat, tidy } from "@flambeau/tensor";
import { type Functions, Unmapped } from "../call.ts";
import { forDevice } from "../device.ts";
import type { FixtureFile } from "../files.ts";
import { type OpFile, reasonOf } from "../ops.ts";
import { either, reading, sameNameOnly, views } from "./aliases.ts";
import { casesOf, type Variant, variants } from "./cases.ts";
import { copyProblem, shows } from "./copy-law.ts";
import { type LayoutName, layouts } from "./layouts.ts";
import { recast } from "./recast.ts";
import { call, type Setting, type Target, targetsOf } from "./setting.ts";
import { slopeFinding } from "./slope-law.ts";
import { twinFinding } from "./twin-law.ts";
import { writeFinding } from "./write-law.ts";
import { type Write, writes } from "./writes.ts";

/** One op's fixture files by folder, and its number: what a short run leaves out changes with it. */
export interface OpUnderLaw {
  readonly name: string;
  readonly number: number;
  readonly files: ReadonlyMap<string, FixtureFile>;
}

/** The ops of some fixture folders. */
export function opsIn(files: readonly FixtureFile[]): OpUnderLaw[] {
  const byName = new Map<string, Map<string, FixtureFile>>();
  for (const file of files) byName.set(file.name, (byName.get(file.name) ?? new Map()).set(file.folder, file));
  return [...byName].map(([name, own], number) => ({ name, number, files: own }));
}

/** What is under test, and how much of it. */
export interface Sweep {
  readonly device: string;
  readonly dtypes: ReadonlySet<DType>;
  readonly functions: Functions;
  /** Every dtype, layout and write; else a few of each, which differ from op to op. */
  readonly whole: boolean;
}

/** What became of the programs of one op. */
export class Tally {
  readonly problems: string[] = [];
  /** Calls whose results were changed to see what else changes. */
  copies = 0;
  /** Those of them with a result that shows an input's memory. */
  shown = 0;
  holds = 0;
  refused = 0;
  slopes = 0;
  twins = 0;
  /** Whether a result could not be changed before backward, in the plainest case. */
  refusesResult = false;
}

const turn = <T>(list: readonly T[], n: number): T => list[n % list.length];

/** Holds one op to the laws. */
export function sweepOp(op: OpUnderLaw, sweep: Sweep): Tally {
  const tally = new Tally();
  for (const kind of variants) {
    const able = kind.filter(({ folder, dtype }) => op.files.has(folder) && sweep.dtypes.has(dtype));
    if (able.length === 0) continue;
    for (const v of sweep.whole ? able : [turn(able, op.number)]) sweepVariant(op, v, sweep, tally);
  }
  if (tally.refusesResult && !reading.has(op.name)) tally.problems.push("refuses to have its result changed");
  return tally;
}

function sweepVariant(op: OpUnderLaw, { folder, from, dtype }: Variant, sweep: Sweep, tally: Tally): void {
  const content = forDevice((op.files.get(folder) as FixtureFile).read(), sweep.dtypes); // the caller has looked
  const file = content as unknown as OpFile; // the folders hold op files
  const held = sweep.dtypes.has(from) ? from : "int32"; // what forDevice made of int64
  const { full, rest } = casesOf(file, sweep.whole ? 3 : 1);
  const few = [...full, ...rest.slice(op.number % 2, (op.number % 2) + 1)];
  (sweep.whole ? [...full, ...rest] : few).forEach((recorded, i) => {
    const c = held === dtype ? recorded : recast(recorded, held, dtype);
    if (c === null) return;
    const some: readonly LayoutName[] = ["contiguous", turn(layouts.slice(1), op.number + i)];
    for (const layout of sweep.whole && full.includes(recorded) ? layouts : some)
      sweepSetting({ ...sweep, name: op.name, file, c, layout }, { op, dtype, first: i === 0, ...sweep }, tally);
  });
}

interface Extent {
  readonly op: OpUnderLaw;
  readonly dtype: DType;
  readonly first: boolean;
  readonly whole: boolean;
}

function sweepSetting(setting: Setting, { op, dtype, first, whole }: Extent, tally: Tally): void {
  const { name, layout } = setting;
  const problem = (text: string) => void tally.problems.push(`${dtype} ${layout}: ${text}`);
  let targets: Target[] = [];
  try {
    const found = tidy(() => {
      const run = call(setting);
      targets = targetsOf(setting, run);
      if (run.results.some((t) => shows(run.decoder.memories, t))) tally.shown++;
      return copyProblem(name, run.decoder.memories, run.results);
    });
    tally.copies++;
    if (found !== null) problem(found);
  } catch (error) {
    // an op may refuse a dtype or a layout, in its own words
    if (!(error instanceof FlambeauError || error instanceof Unmapped)) problem(reasonOf(error));
    return;
  }
  if (!sameNameOnly.has(name)) {
    const twin = twinFinding(setting);
    if (twin === "holds") tally.twins++;
    if (typeof twin === "object") problem(`its in-place form: ${twin.problem}`);
  }
  if (!isFloat(dtype)) return;
  const results = targets.filter((t) => t.of === "result").slice(0, whole ? 3 : 2);
  const inputs = targets.filter((t) => t.of === "input").slice(0, whole ? 2 : 1);
  for (const [k, target] of [...results, ...inputs].entries())
    for (const write of writesFor(whole && first ? (layout === "contiguous" ? writes.length : 6) : 3, op.number + k)) {
      const finding = writeFinding(setting, write, target);
      const what = `${write.name} of ${target.of} ${target.index}`;
      if (typeof finding === "object") problem(`${what}: ${finding.problem}`);
      else if (finding === "holds") tally.holds++;
      else if (finding === "refused") {
        tally.refused++;
        if (target.of === "result" && layout === "contiguous" && write === writes[0]) tally.refusesResult = true;
      }
      // the values of an expanded input are not the case's, and may lie where the op has no slope; views have one everywhere
      const smooth = layout !== "expanded" || views.has(name) || either.has(name);
      const sloping = finding === "holds" && dtype === "float64" && first && smooth;
      const slope = sloping ? slopeFinding(setting, write, target) : "void";
      if (slope === "holds") tally.slopes++;
      if (typeof slope === "object") problem(`${what}: ${slope.problem}`);
    }
}

/** The first one, and others up to `count` that differ from one `n` to the next. */
const writesFor = (count: number, n: number): readonly Write[] => [
  writes[0],
  ...Array.from({ length: count - 1 }, (_, i) => turn(writes.slice(1), (count - 1) * n + i)),
];
