// A program in TypeScript made a module that a worker imports. Lines stay where they are, so that errors name the reader's.
import { parse } from "es-module-lexer/js";
import { transform } from "sucrase";

/** What is wrong with a program before it runs, and in which line. */
export class ProgramError extends Error {
  readonly line?: number;
  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

const lineOf = (text: string, position: number) => text.slice(0, position).split("\n").length;

/**
 * The program as JavaScript, its imports led to other addresses.
 *
 * @param addresses where the modules are that it may import, by name
 * @throws ProgramError for what is not TypeScript and for imports of anything else
 */
export function translate(code: string, addresses: Readonly<Record<string, string>>): string {
  const script = withoutTypes(code);
  let out = "";
  let done = 0;
  for (const each of parse(script)[0]) {
    if (each.type === "import-meta") continue;
    const { specifier, start, end } = each;
    if (specifier === undefined)
      throw new ProgramError("import() takes a text here, not an expression", lineOf(script, start));
    const known = Object.keys(addresses);
    if (!known.includes(specifier)) {
      const names = known.map((name) => `"${name}"`).join(" and ");
      throw new ProgramError(`There is no "${specifier}" here: programs import ${names}`, lineOf(script, start));
    }
    const quoted = JSON.stringify(addresses[specifier]);
    // of a dynamic import the place holds the quotes
    out += script.slice(done, start) + (each.type === "dynamic" ? quoted : quoted.slice(1, -1));
    done = end;
  }
  return out + script.slice(done);
}

function withoutTypes(code: string): string {
  try {
    return transform(code, { transforms: ["typescript"], disableESTransforms: true }).code;
  } catch (error) {
    const { message, loc } = error as Error & { loc?: { line: number } }; // sucrase's errors say where
    throw new ProgramError(message.replace(/^Error transforming.*?: /, "").replace(/ \(\d+:\d+\)$/, ""), loc?.line);
  }
}
