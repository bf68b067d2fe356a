import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cudaMarkdown } from "../../bench/src/cuda/report.ts";
import { runCuda } from "../../bench/src/cuda/run.ts";
import { program, run, tail } from "./child.ts";
import { jobs } from "./jobs.ts";
import type { Options, PartName } from "./options.ts";
import { failed, type Outcome, passed, skipped } from "./outcome.ts";

/** What the parts are given. */
export interface Setting {
  readonly options: Options;
  /** The card, as the backend tells of it. */
  readonly card: string;
  /** When all must be over, in milliseconds since 1970. */
  readonly until: number;
  /** Where the bench's table goes. */
  keep(section: string): void;
}

/** Every primitive, and with compute-sanitizer a step of training: the program that the tests run under AddressSanitizer. */
const tour = ({ driver = "libcuda.so.1" }: Options): string[] =>
  program("packages/backend-cuda-native/test/support/sanitized.ts", driver);

/** How much of the rest of its time a part may take, so that those behind it have some. */
const share = ({ until }: Setting, most: number): number => Math.min(most, until - Date.now());

async function primitives(setting: Setting): Promise<Outcome> {
  const { code, late, stdout, stderr } = await run(process.execPath, tour(setting.options), share(setting, 60_000));
  if (late) return { is: "late", says: "its time was over" };
  if (code !== 0 || stdout !== "equal\n") return failed(tail(stderr || stdout));
  return passed("every primitive in seven dtypes, and a step of training, as on the cpu");
}

async function conformance(setting: Setting): Promise<Outcome> {
  const { driver } = setting.options;
  // the emulated driver is a device of its own there
  const device = driver === undefined ? "cuda" : "cuda-emulated";
  const args = program("packages/testkit/src/cli.ts", `--device=${device}`, "--timeout=60");
  const { code, late, stdout, stderr } = await run(process.execPath, args, share(setting, 240_000));
  if (late) return { is: "late", says: "its time was over" };
  return code === 0 ? passed(tail(stdout, 4)) : failed(tail(stdout + stderr));
}

/** Where NVIDIA's compute-sanitizer is, or undefined. */
const sanitizer = (): string | undefined =>
  [...(process.env.PATH ?? "").split(delimiter), "/usr/local/cuda/bin"]
    .map((folder) => join(folder, "compute-sanitizer"))
    .find(existsSync);

async function sanitized(tool: string, setting: Setting): Promise<Outcome> {
  const path = sanitizer();
  if (path === undefined) return skipped("compute-sanitizer is not there (it comes with CUDA's toolkit)");
  const args = ["--tool", tool, "--error-exitcode", "9", process.execPath, ...tour(setting.options)];
  const { code, late, stdout, stderr } = await run(path, args, share(setting, 90_000));
  if (late) return { is: "late", says: "its time was over" };
  return code === 0 ? passed(tail(stdout, 1)) : failed(tail(stdout + stderr));
}

async function bench(setting: Setting): Promise<Outcome> {
  const { driver, python } = setting.options;
  if (setting.until - Date.now() < 30_000) return { is: "late", says: "less than half a minute was left" };
  const where = { ...(driver !== undefined && { driver }), ...(python !== undefined && { python }) };
  const wishes = { filter: "", rounds: 3, limit: 2000, ...where };
  const report = await runCuda(setting.card, wishes, () => {});
  const section = cudaMarkdown(report, new Date().toISOString().slice(0, 10));
  setting.keep(section);
  return passed(section.trim());
}

/** What each part does. */
export const parts: { readonly [P in PartName]: (setting: Setting) => Promise<Outcome> } = {
  primitives,
  conformance,
  memcheck: (setting) => sanitized("memcheck", setting),
  racecheck: (setting) => sanitized("racecheck", setting),
  jobs: (setting) => jobs(setting.options.steps, setting.options.driver, setting.until),
  bench,
};
