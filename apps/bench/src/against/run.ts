import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { checkOut } from "./checkout.ts";
import { compare, type Part, type Side } from "./compare.ts";
import type { Comparison } from "./comparison.ts";
import { type Commit, commitOf, workingTree } from "./git.ts";
import { copyFolder, copyPackages, install, type Program } from "./program.ts";
import { type Row, rowsFor, selectRows } from "./rows.ts";
import { secondLook } from "./second-look.ts";
import { open } from "./session.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Lay out the other commit and two copies of the working tree, and measure the rows on them turn by turn. */
export async function runAgainst(
  { against, filter, threads, pairs }: { against: string; filter: string; threads: readonly number[]; pairs: number },
  progress: (line: string) => void,
): Promise<Comparison> {
  const chosen = selectRows(filter);
  if (chosen.length === 0) throw new RangeError(`--filter: no row of a comparison is named like "${filter}"`);
  const commits = { old: await commitOf(root, against), new: await workingTree(root) };
  const made: (() => Promise<unknown>)[] = [];
  try {
    const programs = await layOut(commits.old, made, progress);
    const start = (side: Side, count: number) => open(programs[side], count);
    const measure = (parts: readonly Part[]) => compare(start, parts, { pairs, progress });
    const first = await measure(partsOf(threads, chosen));
    const series = await secondLook(first, (parts) => {
      progress("a second look at what is over its limit");
      return measure(parts);
    });
    return { ...commits, pairs, series };
  } finally {
    for (const remove of made.reverse()) await remove();
  }
}

function partsOf(threads: readonly number[], chosen: readonly Row[]): Part[] {
  const parts = threads.map((count) => ({ threads: count, rows: rowsFor(count, threads, chosen) }));
  return parts.filter(({ rows }) => rows.length > 0);
}

/** The three checkouts with the bench's workloads in them; `made` gets what takes away again whatever is of no later use. */
async function layOut(
  commit: Commit,
  made: (() => Promise<unknown>)[],
  progress: (line: string) => void,
): Promise<Record<Side, Program>> {
  const other = await checkOut(root, commit, progress);
  const program = async (folder: string, label: string) => {
    const installed = await install(folder, label);
    made.push(installed.remove);
    return installed;
  };
  const copies = [1, 2].map((number) => copyFolder(root, number));
  for (const folder of copies) made.push(() => rm(folder, { recursive: true, force: true }));
  const [first, second] = copies;
  await copyPackages(root, first);
  await copyPackages(first, second); // not from the working tree, which may have changed meanwhile
  const [current, again] = [await program(first, "the working tree"), await program(second, "the working tree")];
  return { old: await program(other, commit.sha.slice(0, 12)), new: current, again };
}
