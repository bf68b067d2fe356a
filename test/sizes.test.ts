// What a page downloads: each entry bundled, minified and gzipped, under a ceiling. Raising one takes a reason, written here.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { root } from "../scripts/setup/paths.mjs";

interface Ceiling {
  readonly name: string;
  readonly code: string;
  /** In kB (1,000 bytes), min + gzip. */
  readonly kB: number;
  /** Why this much and not less. */
  readonly reason: string;
  /** Packages that are not counted: they have a line of their own. */
  readonly without?: readonly string[];
}

const ceilings: readonly Ceiling[] = [
  {
    name: "one op, functional",
    code: `import { tensor, add } from "@flambeau/tensor/functional"; console.log(add(tensor([1]), tensor([2])));`,
    kB: 20,
    reason:
      "the promise of the functional entry: the door, layouts, promotion and the scalar language, none of the other ops",
  },
  {
    name: "tensor, fluent",
    code: `import * as all from "@flambeau/tensor"; console.log(all);`,
    kB: 60,
    reason: "every op, since all of them are methods of Tensor",
  },
];

const kilobytes = async ({ code, without = [] }: Ceiling): Promise<number> => {
  const result = await build({
    stdin: { contents: code, resolveDir: root, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    conditions: ["source"],
    mainFields: ["module", "main"],
    external: ["node:*", ...without],
    logLevel: "silent",
  });
  return gzipSync(result.outputFiles[0]?.contents ?? "", { level: 9 }).length / 1000;
};

describe("min + gzip", () => {
  test.each(ceilings)("$name stays under $kB kB", async (ceiling) => {
    const size = await kilobytes(ceiling);
    expect(size, ceiling.reason).toBeGreaterThan(0);
    expect(size, `${size.toFixed(1)} kB; ${ceiling.reason}`).toBeLessThan(ceiling.kB);
  });
});
