// The command line: what it may hold, and what is wrong with it.
import { parseArgs } from "node:util";
import { type Device, devices, type Template, templates } from "./create.ts";
import { UsageError } from "./errors.ts";

/** What the command line says; what it leaves out is asked for. */
export interface Arguments {
  readonly folder?: string | undefined;
  readonly name?: string | undefined;
  readonly template?: Template | undefined;
  readonly device?: Device | undefined;
  readonly yes: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

export const usage = `Usage: npm create flambeau FOLDER -- [options]

Starts a TypeScript project with Flambeau: a program that trains a network, and a test of what it reaches.

  FOLDER              where it goes: empty, or not there yet
  --template WHERE    node: a program; page: a page, with Vite
  --device DEVICE     cpu, or webgpu (and the cpu where there is none)
  --name NAME         its name in package.json, if not the folder's
  -y, --yes           asks nothing: node and cpu unless said otherwise
  -h, --help          shows this
  -v, --version       shows the version
`;

function one<T extends string>(flag: string, value: string | undefined, among: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = among.find((each) => each === value);
  if (!found) throw new UsageError(`--${flag} takes ${among.join(" or ")}, not ${JSON.stringify(value)}.`);
  return found;
}

export function read(args: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        template: { type: "string" },
        device: { type: "string" },
        name: { type: "string" },
        yes: { type: "boolean", short: "y", default: false },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", short: "v", default: false },
      },
    });
    const [folder, ...more] = positionals;
    if (more.length) throw new UsageError(`One folder, not ${positionals.length}: ${positionals.join(", ")}.`);
    return {
      folder,
      name: values.name,
      template: one("template", values.template, templates),
      device: one("device", values.device, devices),
      yes: values.yes,
      help: values.help,
      version: values.version,
    };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string }; // parseArgs throws errors with codes
    if (!String(code).startsWith("ERR_PARSE_ARGS")) throw error;
    const [sentence = message] = message.split(". To specify"); // of dashes at the start, which helps nobody here
    throw new UsageError(`${sentence.replace(/\.$/, "")}. --help shows what there is.`);
  }
}
