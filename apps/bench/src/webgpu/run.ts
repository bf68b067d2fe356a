import type { Options } from "../options.ts";
import { commandOn } from "../rivals.ts";
import { type Running, start, time } from "../run.ts";
import { select } from "../workloads.ts";
import { findAdapter } from "./adapter.ts";
import type { WebGPUReport } from "./report.ts";
import { countedWorkload, webgpuWorkloads } from "./workloads.ts";

const warmUp = 20;
/** Milliseconds of warming up, at least. */
const warmUpMs = 10_000;
const steps = 50;

/** The rivals that compute on WebGPU, each in a process of its own, on the adapter that this machine has. */
export async function runWebGPU(
  { filter, rivals: wanted, rounds }: Options,
  progress: (line: string) => void,
): Promise<WebGPUReport> {
  const adapter = await findAdapter();
  if ("unavailable" in adapter) {
    progress(`no WebGPU table: ${adapter.unavailable}`);
    return adapter;
  }
  const running: Running[] = [];
  try {
    progress(`WebGPU on ${adapter.name}`);
    const names = wanted.filter((name) => name !== "torch");
    const rivals = await start(names, async (name) => commandOn(name, adapter.env), { running, progress });
    // a software adapter takes seconds for a step of some rivals: half of what the CPU tables may take
    const effort = { rounds, batch: 150, limit: 10_000 };
    const chosen = select(filter, webgpuWorkloads);
    const counts: { [rival: string]: Awaited<ReturnType<Running["child"]["count"]>> } = {};
    if (chosen.some(({ name }) => name === countedWorkload)) {
      for (const { name, child } of running) {
        progress(`calls of ${name} in ${countedWorkload}`);
        counts[name] = await child.count({ count: countedWorkload, warmUp, warmUpMs, steps });
      }
    }
    const rows = await time(chosen, running, { effort, progress });
    return { adapter: adapter.name, rivals, rows, counts, steps: { warmUp, steps } };
  } finally {
    await Promise.all(running.map(({ child }) => child.close()));
  }
}
