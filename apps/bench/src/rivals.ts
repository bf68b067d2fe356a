import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Command } from "./child.ts";
import type { rivalNames } from "./options.ts";
import type { Column } from "./scaling/columns.ts";

const adapters = {
  flambeau: new URL("./rivals/ours.ts", import.meta.url),
  tfjs: new URL("./rivals/tfjs.ts", import.meta.url),
  "jax-js": new URL("./rivals/jaxjs.ts", import.meta.url),
};
const onWebGPU = {
  adapter: new URL("./rivals/webgpu-adapter.ts", import.meta.url),
  flambeau: new URL("./rivals/ours-webgpu.ts", import.meta.url),
  tfjs: new URL("./rivals/tfjs-webgpu.ts", import.meta.url),
  "jax-js": new URL("./rivals/jaxjs-webgpu.ts", import.meta.url),
  dispatches: new URL("./rivals/ours-dispatches.ts", import.meta.url),
};
const torch = {
  workloads: new URL("./rivals/torch_workloads.py", import.meta.url),
  scaling: new URL("./rivals/torch_scaling.py", import.meta.url),
  card: new URL("./rivals/torch_card.py", import.meta.url),
};
const scaling = new URL("./scaling/ours.ts", import.meta.url);

/** How to start a rival with so many threads, or why it cannot be started. */
export async function commandOf(
  name: (typeof rivalNames)[number],
  threads: number,
  python?: string,
): Promise<Command | { unavailable: string }> {
  if (name !== "torch") return program(adapters[name], String(threads));
  return torchCommand(torch.workloads, threads, python);
}

/** The same for a column of the scaling rows. */
export async function scalingCommand(
  column: Column,
  threads: number,
  python?: string,
): Promise<Command | { unavailable: string }> {
  if (column === "torch") return torchCommand(torch.scaling, threads, python);
  return program(scaling, String(threads), column);
}

async function torchCommand(script: URL, threads: number, python?: string): Promise<Command | { unavailable: string }> {
  const found = await pythonWithTorch(python);
  if (typeof found !== "string") return found;
  // OpenMP and MKL read these before torch.set_num_threads can speak
  const env = { OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
  return { file: found, args: [fileURLToPath(script), String(threads)], env };
}

/** How to start a rival (or the look for an adapter, or the count of dispatches) on WebGPU. */
export function commandOn(name: keyof typeof onWebGPU, env: Record<string, string>): Command {
  return { ...program(onWebGPU[name]), env };
}

/** How to start a rival on the NVIDIA card, or why it cannot be started. `driver` names its library where the loader does not find it. */
export async function commandOnCard(
  name: "flambeau" | "torch",
  { python, driver }: { python?: string; driver?: string },
): Promise<Command | { unavailable: string }> {
  const ours = program(new URL("./rivals/ours-cuda.ts", import.meta.url));
  if (name === "flambeau") return { ...ours, env: driver === undefined ? {} : { FLAMBEAU_CUDA_DRIVER: driver } };
  const command = await torchCommand(torch.card, 1, python);
  return "unavailable" in command ? command : { ...command, env: { FLAMBEAU_TORCH_DEVICE: "cuda" } };
}

function program(file: URL, ...args: string[]): Command {
  const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
  return { file: process.execPath, args: [...flags, fileURLToPath(file), ...args] };
}

/** The first Python that can import torch: `given` alone if there is one, else the environment's and those on the PATH. */
async function pythonWithTorch(given?: string): Promise<string | { unavailable: string }> {
  const candidates = given
    ? [given]
    : [process.env.FLAMBEAU_PYTHON, "python3", "python"].filter((p) => p !== undefined);
  let last = "";
  for (const candidate of candidates) {
    try {
      await promisify(execFile)(candidate, ["-c", "import torch"]);
      return candidate;
    } catch (error) {
      const text = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
      last = text.split("\n").at(-1) || (error instanceof Error ? error.message.split("\n")[0] : String(error));
    }
  }
  if (given) return { unavailable: `${given} cannot import torch: ${last}` };
  return { unavailable: "no Python with torch on the PATH: give one with --python" };
}
