// node --conditions=source packages/testkit/scripts/programs.ts FILE: writes test/programs/*.br from random programs with PyTorch's results, a
// JSON object per line. A sample of them: 2,500 for each run, and as many again for the long one. Figures are kept to the digits that
// the comparison looks at, and what a program leaves unchanged is not said twice.
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import type { Figure, Program, Result, Step } from "../test/programs/fixture.ts";

interface Dumped {
  readonly d: string;
  readonly s: readonly number[];
  readonly v: readonly (number | boolean | string)[];
  readonly g?: boolean;
}
interface DumpedProgram {
  readonly id: number;
  readonly leaves: readonly Dumped[];
  readonly steps: readonly { readonly op: string; readonly a: readonly unknown[]; readonly o?: readonly Dumped[] }[];
  readonly final: readonly Dumped[];
  readonly rg: readonly boolean[];
  readonly bw?: boolean;
  readonly dbl?: boolean;
  readonly gerr?: string;
  readonly grads?: readonly (Dumped | null)[];
  readonly grads2?: readonly (Dumped | null)[];
}

const digits: { readonly [dtype: string]: number } = { float64: 9, float32: 6, float16: 4, bfloat16: 3 };
const plain = (v: number | boolean | string) => (typeof v === "boolean" ? Number(v) : v);
/** The shortest decimal of the same float32; halves are float32, too. */
function shortest(x: number): number {
  for (let p = 1; p < 10; p++) if (Math.fround(Number(x.toPrecision(p))) === x) return Number(x.toPrecision(p));
  return x;
}
function given({ d, s, v, g }: Dumped): Figure {
  const values = v.map((x) =>
    typeof x === "number" && d.includes("float") && d !== "float64" ? shortest(x) : plain(x),
  );
  return g ? [d, s, values, 1] : [d, s, values];
}
const result = (r: Dumped | null): Result =>
  r && [
    r.d,
    r.s,
    r.v.map((x) => (typeof x === "number" && digits[r.d] ? Number(x.toPrecision(digits[r.d])) : plain(x))),
  ];
const argument = (a: unknown): unknown =>
  typeof a === "object" && a !== null && "c" in a ? { c: given(a.c as Dumped) } : a;

function packed(p: DumpedProgram): Program {
  const shown: Dumped[] = [...p.leaves];
  const steps = p.steps.map(({ op, a, o }): Step => {
    if (o && !op.startsWith("i.")) shown.push(...o);
    const args = a.map(argument);
    return o ? [op, args, o.map(result)] : [op, args];
  });
  const final = p.final.map((r, i) => (JSON.stringify(result(shown[i])) === JSON.stringify(result(r)) ? 0 : result(r)));
  return {
    id: p.id,
    leaves: p.leaves.map(given),
    steps,
    ...(final.some((r) => r !== 0) ? { final } : {}),
    requiresGrad: p.rg.map(Number).join(""),
    ...(p.bw ? { gradients: p.gerr ? ("refused" as const) : (p.grads ?? []).map(result) } : {}),
    ...(p.dbl ? { createGraph: true } : {}),
    ...(p.dbl && p.grads2 ? { second: p.grads2.map(result) } : {}),
  };
}

const [from] = process.argv.slice(2);
if (!from) throw new Error("usage: programs.ts FILE");
const all = readFileSync(from, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => packed(JSON.parse(line) as DumpedProgram)); // as the dump script writes them
const each = 2500;
const sample = Array.from({ length: 2 * each }, (_, i) => all[Math.floor((i * all.length) / (2 * each))]);
for (const part of [0, 1]) {
  const raw = Buffer.from(JSON.stringify(sample.filter((_, i) => i % 2 === part)));
  const bytes = brotliCompressSync(raw, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
    },
  });
  writeFileSync(new URL(`../test/programs/${["sample", "further"][part]}.br`, import.meta.url), bytes);
  process.stdout.write(`${bytes.length} bytes\n`);
}
