// The tables for people who come from elsewhere: what stands on the right gives what was recorded of the left.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as flambeau from "flambeau";
import * as torch7 from "flambeau/torch7";
import { describe, expect, test } from "vitest";
import { root } from "../../../scripts/setup/paths.mjs";

const fixtures = join(root, "apps/docs/test/fixtures");

/** What a row's right side gives, after the page's own preamble. */
function valueOf(cell: string, preamble: string): unknown {
  const free = Object.keys(flambeau).filter((name) => name !== "var"); // a method, too; as a name JavaScript has it
  const names = `const { ${free.join(", ")} } = flambeau;`;
  const body = `${names} { ${preamble.replace(/^import.*$/gm, "")}; return (${cell}); }`;
  return plain(new Function("flambeau", "torch7", body)(flambeau, torch7));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return flambeau.isTensor(value) ? value.detach().tolist() : value;
}

type Recorded = Readonly<Record<string, unknown>>;
const recorded = (name: string): Recorded =>
  (JSON.parse(readFileSync(join(fixtures, `${name}.json`), "utf8")) as { values: Recorded }).values;

/** Torch7's values: those that its documentation prints, and PyTorch's where a row is its function. */
function torch7Values(): Recorded {
  const pytorch = recorded("pytorch");
  return Object.fromEntries(
    Object.entries(recorded("torch7")).map(([row, given]) => {
      const { doc, value, pytorch: twin = "" } = given as { doc?: string; value?: unknown; pytorch?: string };
      if (!doc && !(twin in pytorch)) throw new Error(`${row}: PyTorch's "${twin}" is not recorded`);
      return [row, doc ? value : pytorch[twin]];
    }),
  );
}

/** Equal to float32's precision, shape included; whole numbers of any kind are numbers. */
function expectNear(got: unknown, wanted: unknown): void {
  if (Array.isArray(wanted)) {
    expect(got).toHaveLength(wanted.length);
    for (const [i, each] of wanted.entries()) expectNear((got as unknown[])[i], each);
  } else
    expect(Math.abs(Number(got) - Number(wanted))).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(Number(wanted))));
}

describe.each(["numpy", "tensorflow", "pytorch", "torch7"])("coming from %s", (name) => {
  const text = readFileSync(join(root, `docs/coming-from/${name}.md`), "utf8");
  const preamble = /^```ts\n([\s\S]*?)^```/m.exec(text)?.[1] ?? "";
  const rows = [...text.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|$/gm)].map(([, theirs = "", ours = ""]) => ({
    theirs,
    ours,
  }));
  const values = name === "torch7" ? torch7Values() : recorded(name);

  test("all rows are recorded", () => {
    expect(rows.map(({ theirs }) => theirs).sort()).toEqual(Object.keys(values).sort());
    expect(rows.length).toBeGreaterThan(30);
  });
  test.each(rows)("$theirs is $ours", ({ theirs, ours }) => expectNear(valueOf(ours, preamble), values[theirs]));
});
