import { describe, expect, it } from "vitest";
import { htmlPage, htmlTable } from "../src/report.ts";

describe("htmlPage", () => {
  it("escapes what it is told, and leaves out what it is not", () => {
    const page = htmlPage({ title: "a < b", note: "x & y", facts: [["<n>", "<v>"]], charts: [] });
    for (const text of [
      "<title>a &lt; b</title>",
      "<h1>a &lt; b</h1>",
      'class="note">x &amp; y<',
      "<dt>&lt;n&gt;</dt>",
    ])
      expect(page).toContain(text);
    expect(htmlPage({ title: "t", facts: [], charts: [] })).not.toContain('<p class="note">');
  });
});

describe("htmlTable", () => {
  it("has a row for each, escaped", () => {
    const table = htmlTable("samples", ["step", "text"], [["1", "<b>"]]);
    expect(table).toContain("<tr><td>1</td><td>&lt;b&gt;</td></tr>");
    expect(table).toContain("<tr><th>step</th><th>text</th></tr>");
  });
});
