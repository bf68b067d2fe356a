// The command, without the terminal around it.
import { relative, resolve } from "node:path";
import { type Arguments, read, usage } from "./arguments.ts";
import { create, type Project, version } from "./create.ts";
import { UsageError } from "./errors.ts";
import type { Manager } from "./manager.ts";
import { nameOf } from "./names.ts";

/** What the command has around it. */
export interface Surroundings {
  /** The folder that paths start from. */
  readonly cwd: string;
  readonly manager: Manager;
  say(text: string): void;
  complain(text: string): void;
  /** Asks for what is left out; absent where nobody can be asked. */
  readonly ask?: ((given: Arguments) => Promise<Project | undefined>) | undefined;
}

function decided({ folder, name, template, device, yes }: Arguments): Project {
  if (folder === undefined) throw new UsageError("In which folder? Name one: `npm create flambeau my-app`.");
  const missing = Object.entries({ template, device }).filter(([, value]) => value === undefined && !yes);
  if (missing.length)
    throw new UsageError(
      `There is no terminal to ask in: give ${missing.map(([flag]) => `--${flag}`).join(" and ")}, or --yes for node and cpu.`,
    );
  return { folder, name: name ?? nameOf(folder), template: template ?? "node", device: device ?? "cpu" };
}

const whole = ({ folder, template, device, yes }: Arguments): boolean =>
  folder !== undefined && (yes || (template !== undefined && device !== undefined));

function next({ folder }: Project, { cwd, manager }: Surroundings): string {
  const path = relative(cwd, folder);
  const step = /\s/.test(path) ? JSON.stringify(path) : path;
  const lines = [...(path ? [`cd ${step}`] : []), manager.install, manager.run("start"), manager.run("test")];
  return `The project stands in ${folder}. Next:\n\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

/** @returns the exit code */
export async function main(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    const given = read(args);
    if (given.help) around.say(usage);
    else if (given.version) around.say(`${version()}\n`);
    else {
      const within = given.folder === undefined ? given : { ...given, folder: resolve(around.cwd, given.folder) };
      const answered = around.ask && !whole(within) && !within.yes ? await around.ask(within) : decided(within);
      if (!answered) return 1;
      const project = { ...answered, folder: resolve(around.cwd, answered.folder) };
      create(project);
      around.say(next(project, around));
    }
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    around.complain(`${error.message}\n`);
    return 2;
  }
}
