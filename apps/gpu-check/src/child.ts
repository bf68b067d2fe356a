import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  /** Whether its time was over. */
  readonly late: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command for so many milliseconds at most. */
export function run(command: string, args: readonly string[], milliseconds: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // a group of its own, so that what it starts ends with it
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    let [stdout, stderr, late] = ["", "", false];
    const timer = setTimeout(
      () => {
        late = true;
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      },
      Math.max(1, milliseconds),
    );
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, late, stdout, stderr });
    });
  });
}

/** A program of this checkout, as Node runs it from its source. */
export const program = (path: string, ...args: string[]): string[] => [
  "--conditions=source",
  "--disable-warning=ExperimentalWarning",
  fileURLToPath(new URL(`../../../${path}`, import.meta.url)),
  ...args,
];

/** The last lines of what a process said. */
export const tail = (text: string, lines = 15): string => text.trim().split("\n").slice(-lines).join("\n");
