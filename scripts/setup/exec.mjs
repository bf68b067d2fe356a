import { spawn } from "node:child_process";
import { constants } from "node:os";
import { root } from "./paths.mjs";

/** A set-up failure that is the user's to read: its message is printed without a stack trace. */
export class SetupError extends Error {}

const windows = process.platform === "win32";
// cmd.exe needs a shell for .cmd shims; the quotes keep a path with spaces in one piece.
/** @param {string} command @param {string[]} args */
const quoted = (command, args) =>
  [command, ...args].map((part) => (/[\s"&|<>^]/.test(part) ? `"${part}"` : part)).join(" ");

/**
 * @param {string} command @param {string[]} args @param {import("node:child_process").SpawnOptions} options
 */
function start(command, args, options) {
  const shell = windows && !/\.exe$/i.test(command);
  return shell
    ? spawn(quoted(command, args), { cwd: root, shell: true, ...options })
    : spawn(command, args, { cwd: root, ...options });
}

/**
 * Runs a command in the foreground with this process's streams.
 * @param {string} command @param {string[]} args @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<number>} its exit code, 128 + n when signal n ended it
 */
export function exec(command, args, options = {}) {
  const child = start(command, args, { stdio: "inherit", ...options });
  // A Ctrl-C in a terminal reaches the child directly, as part of its group: wait for it to finish in its own way.
  // Without a terminal the signal was sent to this process alone.
  const wait = () => {
    if (!process.stdin.isTTY) child.kill("SIGINT");
  };
  const forward = () => child.kill("SIGTERM");
  process.on("SIGINT", wait);
  process.on("SIGTERM", forward);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new SetupError(`Could not run ${command}: ${error.message}`)));
    child.once("exit", (code, signal) => {
      process.off("SIGINT", wait);
      process.off("SIGTERM", forward);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/**
 * Runs a command in the background.
 * @param {string} what names the step in the SetupError that a failure becomes, with the end of the output and a hint
 * @param {string} command @param {string[]} args
 * @param {import("node:child_process").SpawnOptions & { hint?: (output: string) => string }} [options]
 * @returns {Promise<string>} the end of the output
 */
export function quietly(what, command, args, { hint, ...options } = {}) {
  const child = start(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  /** @param {Buffer} chunk */
  const collect = (chunk) => {
    output = (output + chunk).slice(-8_000);
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  /** @param {string} reason */
  const failure = (reason) =>
    new SetupError(
      [`${what} failed: ${reason}`, output.trim(), hint?.(`${reason}\n${output}`) ?? ""].filter(Boolean).join("\n\n"),
    );
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(failure(error.message)));
    child.once("close", (code, signal) => (code === 0 ? resolve(output) : reject(failure(`exit ${code ?? signal}`))));
  });
}

/**
 * What to do about the usual reasons for which a download fails.
 * @param {string} output
 */
export function networkHint(output) {
  if (/spawn npm ENOENT|npm.*not recognized/.test(output)) {
    return "npm comes with Node: check that `npm --version` works.";
  }
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network|fetch failed|dns error|error sending request/i.test(
      output,
    )
  ) {
    return "The first run downloads its tools from the npm registry: check the network, and npm's `registry` and `proxy` settings.";
  }
  if (/EACCES|EPERM|EROFS|[Pp]ermission denied|[Rr]ead-only/.test(output)) {
    return `The set-up writes to ${root} and to npm's cache in your home folder: check that you own both.`;
  }
  if (/ENOSPC|[Nn]o space left/.test(output)) return "The disk is full: the set-up needs about 1.5 GB.";
  return "";
}
