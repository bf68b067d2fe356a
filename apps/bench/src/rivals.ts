import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Command } from "./child.ts";

const adapter = (file: string) => fileURLToPath(new URL(`rivals/${file}`, import.meta.url));

function node(file: string, threads: number): Command {
  const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
  return { file: process.execPath, args: [...flags, adapter(file), String(threads)] };
}

/** How to start a rival with so many threads, or why it cannot be started. */
export async function commandOf(
  name: string,
  threads: number,
  python?: string,
): Promise<Command | { unavailable: string }> {
  if (name === "flambeau") return node("ours.ts", threads);
  if (name === "tfjs") return node("tfjs.ts", threads);
  if (name === "jax-js") return node("jaxjs.ts", threads);
  const found = await pythonWithTorch(python);
  if (typeof found !== "string") return found;
  // OpenMP and MKL read these before torch.set_num_threads can speak
  const env = { OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
  return { file: found, args: [adapter("torch.py"), String(threads)], env };
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
