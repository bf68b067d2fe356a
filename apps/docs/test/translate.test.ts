import { describe, expect, test } from "vitest";
import { format } from "../src/run/format.ts";
import { fromFragment, toFragment } from "../src/run/link.ts";
import { Newest } from "../src/run/newest.ts";
import { translate } from "../src/run/translate.ts";
import { siteLinks } from "../src/site/links.ts";
import { slug } from "../src/site/slugs.ts";

const addresses = { flambeau: "blob:1", "./show.ts": "blob:2" };

describe("a program made a module", () => {
  test("loses its types, keeps its lines and imports from the addresses", () => {
    const code =
      'import { ones, type Tensor } from "flambeau";\n\nconst x: Tensor = ones([2]);\nawait import("./show.ts");\n';
    const lines = translate(code, addresses).split("\n");
    expect(lines[0]).toContain('from "blob:1"');
    expect(lines[2]).toMatch(/^const x *= ones\(\[2\]\);$/);
    expect(lines[3]).toBe('await import("blob:2");');
  });
  test("texts that look like imports stay", () => {
    const code = 'const text = "import x from \\"flambeau\\"";';
    expect(translate(code, addresses)).toBe(code);
  });
  test.each([
    ['\nimport x from "lodash";\nx();', /There is no "lodash" here: programs import "flambeau" and "\.\/show\.ts"/, 2],
    ['await import("https://example.org/x.js");', /There is no "https/, 1],
    ["const name = 'x';\nawait import(name);", /import\(\) takes a text/, 2],
    ["const x = 1;\nconst y = (;\n", /Unexpected token/, 2],
  ])("refuses %j", (code, message, line) => {
    expect(() => translate(code, addresses)).toThrow(message);
    try {
      translate(code, addresses);
    } catch (error) {
      expect(error).toMatchObject({ line });
    }
  });
});

describe("a program in a link", () => {
  test("comes back as it was", async () => {
    const code = "console.log('ä → 𝄞');\n".repeat(50);
    const fragment = await toFragment(code);
    expect(fragment).toMatch(/^#code=[\w-]+$/);
    expect(fragment.length).toBeLessThan(200);
    expect(await fromFragment(fragment)).toBe(code);
  });
  test.each(["", "#", "#a-heading", "#code=", "#code=!!", "#code=AAAA", "#code=A"])(
    "%j holds none",
    async (fragment) => {
      expect(await fromFragment(fragment)).toBeUndefined();
    },
  );
});

test("of what comes while a loop is busy the newest counts", async () => {
  const newest = new Newest<number>();
  const seen: number[] = [];
  newest.put(1);
  setTimeout(() => newest.put(4), 20);
  for await (const value of newest.values()) {
    seen.push(value);
    if (value === 1) for (const next of [2, 3]) newest.put(next);
    if (value === 4) break;
  }
  expect(seen).toEqual([1, 3, 4]);
});

test("values are printed as they are written", () => {
  const shown = [
    1,
    "a",
    [1, "b"],
    { x: -0, y: null },
    5n,
    new Float32Array([0.5]),
    new Map([["k", [1]]]),
    new RangeError("far"),
  ];
  expect(shown.map(format)).toEqual([
    "1",
    "a",
    '[1, "b"]',
    "{ x: -0, y: null }",
    "5n",
    "Float32Array(1) [0.5]",
    "Map(1) { k: [1] }",
    "RangeError: far",
  ]);
});

describe("links between pages", () => {
  const routes = new Map([
    ["docs/autograd.md", "guides/autograd"],
    ["packages/nn/README.md", "packages/nn"],
  ]);
  test.each([
    ["see [it](autograd.md#hooks)", "see [it](/guides/autograd#hooks)"],
    ["[`nn`](../packages/nn)", "[`nn`](/packages/nn)"],
    ["[here](#below) and [there](https://pytorch.org)", "[here](#below) and [there](https://pytorch.org)"],
    ["the [licence](../LICENSE)", "the licence"],
    ["over two [lines\nof words](autograd.md)", "over two [lines\nof words](/guides/autograd)"],
    ["over [two](\n  autograd.md)", "over [two](/guides/autograd)"],
    ["a span `over\ntwo [x](y.md)`", "a span `over\ntwo [x](y.md)`"],
    ["a lone ` here\n\n[x](autograd.md) and ` there", "a lone ` here\n\n[x](/guides/autograd) and ` there"],
    ["a span `[x](y.md)`", "a span `[x](y.md)`"],
    ["```ts\n[x](y.md)\n```", "```ts\n[x](y.md)\n```"],
  ])("%j becomes %j", (text, wanted) => expect(siteLinks(text, "docs/graph.md", routes)).toBe(wanted));
  test("refuses a link to nothing", () => {
    expect(() => siteLinks("[x](gone.md)", "docs/graph.md", routes)).toThrow("docs/graph.md links to gone.md");
  });
});

test.each([
  ["What it is", "what-it-is"],
  ["`grad`, `vmap` & co.", "grad-vmap--co"],
  ["Übung 2", "übung-2"],
])("the anchor of %j is GitHub's", (heading, anchor) => expect(slug(heading)).toBe(anchor));
