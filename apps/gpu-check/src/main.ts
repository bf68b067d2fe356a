// What a machine with an NVIDIA card is asked to prove of the CUDA backend: `npm run gpu-check`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { cudaNative } from "flambeau";
import { replaceSection } from "../../bench/src/page.ts";
import { type Options, parse, usage } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import { parts } from "./parts.ts";

const page = new URL("../../../docs/benchmarks.md", import.meta.url);
const say = (text: string) => process.stdout.write(`${text}\n`);
const indented = (text: string) => text.replaceAll(/^(?=.)/gm, "    ");

/** The card's own words, or null after saying why there is none. */
async function cardOf({ driver }: Options): Promise<string | null> {
  const reason = await cudaNative.unavailableReason({ driver });
  if (reason !== null) {
    process.stderr.write(`gpu-check needs an NVIDIA card, and there is none to use:\n${indented(reason)}\n`);
    return null;
  }
  const backend = await cudaNative({ driver });
  const { info } = backend;
  backend.dispose();
  return info;
}

async function main(args: string[]): Promise<number> {
  const options = parse(args);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const card = await cardOf(options);
  if (card === null) return 2;
  const start = Date.now();
  const until = start + options.minutes * 60_000;
  say(`${new Date(start).toISOString().slice(0, 10)}, ${card}, Node ${process.version}`);
  let table: string | undefined;
  const keep = (section: string) => {
    table = section;
  };
  const found: (Outcome & { readonly part: string; readonly seconds: number })[] = [];
  for (const part of options.only) {
    const begun = Date.now();
    const outcome: Outcome =
      begun < until ? await parts[part]({ options, card, until, keep }) : { is: "late", says: "no time was left" };
    const seconds = (Date.now() - begun) / 1000;
    found.push({ part, ...outcome, seconds });
    say(`  ${outcome.is.padEnd(8)}${part} (${seconds.toFixed(1)} s)\n${indented(outcome.says)}`);
  }
  if (options.report !== undefined) {
    mkdirSync(dirname(options.report), { recursive: true });
    writeFileSync(options.report, `${JSON.stringify({ date: new Date(start).toISOString(), card, found }, null, 1)}\n`);
  }
  if (options.markdown && table !== undefined) writeFileSync(page, replaceSection(readFileSync(page, "utf8"), table));
  const bad = found.filter(({ is }) => is === "failed" || is === "late");
  say(
    bad.length === 0
      ? "gpu-check: all that ran passed"
      : `gpu-check: ${bad.map(({ part, is }) => `${part} ${is}`).join(", ")}`,
  );
  return bad.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`gpu-check: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
