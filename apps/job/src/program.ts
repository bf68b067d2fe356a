import { availableParallelism } from "node:os";
import { cpuWasm, cudaNative, DeviceError, FlambeauError, registerBackend, setDefaultDevice, webgpu } from "flambeau";
import { UsageError } from "./options.ts";

/** Threads beyond this bring nothing to networks as small as those of the jobs. */
const mostThreads = 8;

/** Run a job's main function on the command line of this process: its exit code, or how its error is told. */
export function runProgram(main: (argv: readonly string[]) => Promise<number>): void {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      const usage = error instanceof UsageError;
      // a mistake of the user's or of the machine's is told in words, one of ours with its stack
      if (usage || error instanceof FlambeauError) process.stderr.write(`${error.message}\n`);
      else console.error(error);
      if (usage) process.stderr.write("Run with --help for the options.\n");
      process.exitCode = usage ? 2 : 1;
    },
  );
}

/** Put the tensors on the named device; how many threads the cpu has now. @throws UsageError when there is no such device. */
export async function useDevice(device: string, wanted: number | undefined): Promise<number> {
  const threads = wanted ?? Math.min(mostThreads, availableParallelism());
  registerBackend(cpuWasm({ threads }));
  if (device === "webgpu") {
    const reason = await webgpu.unavailableReason();
    if (reason !== null) throw new UsageError(`--device webgpu: ${reason}`);
    registerBackend(await webgpu());
  }
  const [kind, number = "0"] = device.split(":");
  if (kind === "cuda") {
    const card = { device: Number(number) };
    const reason = await cudaNative.unavailableReason(card);
    if (reason !== null) throw new UsageError(`--device ${device}: ${reason}`);
    registerBackend(await cudaNative(card));
  }
  try {
    setDefaultDevice(device);
  } catch (error) {
    if (error instanceof DeviceError) throw new UsageError(`--device: ${error.message}`);
    throw error;
  }
  return threads;
}
