import { commandOnCard } from "../rivals.ts";
import { type Running, start, time } from "../run.ts";
import type { Rival, Row } from "../table.ts";
import { select } from "../workloads.ts";
import { cudaWorkloads } from "./workloads.ts";

/** What the run on the card found. */
export interface CudaReport {
  /** The card and its driver, as the driver tells of them. */
  readonly card: string;
  readonly rivals: Rival[];
  readonly rows: Row[];
}
export interface CudaWishes {
  readonly filter: string;
  readonly rounds: number;
  readonly python?: string;
  readonly driver?: string;
  /** Milliseconds that one rival may spend on one workload. */
  readonly limit?: number;
}

/** Flambeau and PyTorch on the same card, each in a process of its own. @throws RangeError when no workload has such a name */
export async function runCuda(
  card: string,
  { filter, rounds, limit = 4000, ...where }: CudaWishes,
  progress: (line: string) => void,
): Promise<CudaReport> {
  const chosen = select(filter, cudaWorkloads);
  if (chosen.length === 0) throw new RangeError(`--filter: no workload of the card's table is named like "${filter}"`);
  const running: Running[] = [];
  try {
    progress(`CUDA on ${card}`);
    const names = ["flambeau", "torch"] as const;
    const rivals = await start(names, (name) => commandOnCard(name, where), { running, progress });
    const rows = await time(chosen, running, { effort: { rounds, batch: 100, limit }, progress });
    return { card, rivals, rows };
  } finally {
    await Promise.all(running.map(({ child }) => child.close()));
  }
}
