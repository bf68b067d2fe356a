import { spawnSync } from "node:child_process";

/**
 * How a process ends whose worker threads go round and round through `turn` until each is told to end, anywhere in it: where an addon is being
 * loaded, where it calls back into JavaScript. A thread that is told to end cannot be thrown at.
 */
export function interrupted(
  turn: string,
  threads: number,
): { status: number | null; signal: string | null; stderr: string } {
  const program = `
    import { Worker } from "node:worker_threads";
    for (let i = 0; i < ${threads}; i++) {
      const worker = new Worker(${JSON.stringify(`for (;;) { ${turn} }`)}, { eval: true, execArgv: [] });
      await new Promise((resolve) => worker.once("online", resolve));
      await new Promise((resolve) => setTimeout(resolve, (i % 16) / 2));
      await worker.terminate();
    }`;
  const { status, signal, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  return { status, signal, stderr };
}

/** Code that loads the addon at a path as a thread does that never had it. */
export const loadedAnew = (path: string): string =>
  `const addon = require(${JSON.stringify(path)}); delete require.cache[require.resolve(${JSON.stringify(path)})];`;
