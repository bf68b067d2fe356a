/** What a worker of a `DataLoader` knows of itself, with PyTorch's names. */
export interface WorkerInfo {
  /** From 0. */
  readonly id: number;
  readonly numWorkers: number;
  /** Of this pass: one for all workers, drawn from the loader's generator, plus `id`. The worker's generator was started from it. */
  readonly seed: bigint;
  /** This worker's copy of the data set; undefined while it is made. */
  readonly dataset: unknown;
}

let current: WorkerInfo | null = null;
export const setWorkerInfo = (info: WorkerInfo): void => {
  current = info;
};

/**
 * Which worker of a `DataLoader` this is; null elsewhere. A stream, which every worker goes through, shares itself out by it.
 *
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.get_worker_info
 * @example
 * function* lines() {
 *   const { id, numWorkers } = getWorkerInfo() ?? { id: 0, numWorkers: 1 };
 *   for (let i = id; i < 6; i += numWorkers) yield `line ${i}`;
 * }
 * [...lines()].length; // 6
 */
export const getWorkerInfo = (): WorkerInfo | null => current;
