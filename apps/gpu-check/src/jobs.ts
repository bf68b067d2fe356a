import { program, run, tail } from "./child.ts";
import { failed, type Outcome, passed } from "./outcome.ts";

export const jobNames = ["images", "gpt", "names"] as const;

/**
 * How far a loss may be from the cpu's, relative to it: sums in another order differ in the last bits, and a step of Adam, which divides by the
 * root of a gradient's square, makes more of that; each step adds to it.
 */
const closeness = (step: number): number => 1e-4 + 2e-4 * step;

/** What is wrong with the losses, or null. */
export function difference(here: readonly number[], cpu: readonly number[]): string | null {
  if (here.length !== cpu.length || cpu.length === 0) return `${here.length} losses, and ${cpu.length} on the cpu`;
  const step = here.findIndex((loss, i) => !(Math.abs(loss - cpu[i]) <= closeness(i) * Math.abs(cpu[i])));
  return step < 0 ? null : `step ${step + 1}: the loss is ${here[step]}, and ${cpu[step]} on the cpu`;
}

/** The largest difference, relative to the cpu's loss. */
const largest = (here: readonly number[], cpu: readonly number[]): number =>
  Math.max(...here.map((loss, i) => Math.abs(loss - cpu[i]) / Math.abs(cpu[i])));

/** The first steps of the three training programs, on the card and on the cpu. */
export async function jobs(steps: number, driver: string | undefined, until: number): Promise<Outcome> {
  const says: string[] = [];
  for (const job of jobNames) {
    const losses: number[][] = [];
    for (const device of ["cpu", "cuda"]) {
      const rest = driver === undefined ? [] : [driver];
      const args = program("apps/gpu-check/src/job.ts", job, device, String(steps), ...rest);
      const { code, late, stdout, stderr } = await run(process.execPath, args, until - Date.now());
      if (late) return { is: "late", says: [...says, `${job} on ${device}: its time was over`].join("\n") };
      if (code !== 0) return failed([...says, `${job} on ${device}: ${tail(stderr)}`].join("\n"));
      losses.push(JSON.parse(stdout) as number[]); // job.ts writes that
    }
    const [cpu, here] = losses;
    const wrong = difference(here, cpu);
    if (wrong !== null) return failed([...says, `${job}: ${wrong}`].join("\n"));
    says.push(
      `${job}: ${cpu.length} losses from ${cpu[0].toFixed(4)} to ${cpu.at(-1)?.toFixed(4)}, within ${largest(here, cpu).toExponential(1)}`,
    );
  }
  return passed(says.join("\n"));
}
