import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { RunFolder, UsageError } from "@flambeau/app-job";
import { Generator, io } from "flambeau";
import { kinds, NameNetwork, type NameSets, sampleNames } from "./model/index.ts";
import { checkRecipe, type Wish } from "./options.ts";
import type { Sample } from "./run/records.ts";
import { sampleOf } from "./training.ts";

/**
 * Names that a trained run makes up.
 * @throws UsageError when there is no such run
 */
export async function generate(wish: Wish, seed: number, sets: NameSets): Promise<Sample[]> {
  const path = wish.run ?? newestRun("runs");
  const folder = RunFolder.open(path);
  const { cell, hidden } = folder.readRecipe(checkRecipe);
  const network = new NameNetwork(cell, hidden);
  network.loadStateDict(await io.load(folder.model));
  const asked = Array.from({ length: wish.count }, (_, i) => wish.kind ?? kinds[i % kinds.length]);
  const { prefix, temperature } = wish;
  const spellings = await sampleNames(network, { kinds: asked, prefix, temperature, generator: new Generator(seed) });
  return spellings.map((spelling, i) => sampleOf(sets, spelling, asked[i]));
}

/** The folder of the run of this job that was written to last. @throws UsageError when there is none */
function newestRun(folder: string): string {
  const runs = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const newest = runs
    .filter((path) => existsSync(join(path, "model.safetensors")) && isOurs(path))
    .map((path) => ({ path, time: statSync(join(path, "model.safetensors")).mtimeMs }))
    .sort((a, b) => b.time - a.time)[0];
  if (!newest) throw new UsageError(`--generate: there is no trained run in ${folder}/ yet: npm run names makes one`);
  return newest.path;
}

function isOurs(path: string): boolean {
  try {
    RunFolder.open(path).readRecipe(checkRecipe);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
