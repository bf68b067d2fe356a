// What the next version brings, from the changesets that wait for it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../../scripts/setup/paths.mjs";

const levels = ["major", "minor", "patch"] as const;
const titles = { major: "What breaks", minor: "What is new", patch: "What is mended" };

/** The page of changes. */
export function changelog(): string {
  const folder = join(root, ".changeset");
  const files = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
  const notes = files.sort().map((name) => {
    const [, head = "", body = ""] =
      /^---\n([\s\S]*?)---\n([\s\S]*)$/.exec(readFileSync(join(folder, name), "utf8")) ?? [];
    return { level: levels.find((level) => head.includes(level)), body: body.trim() };
  });
  const parts = levels.flatMap((level) => {
    const these = notes.filter((note) => note.level === level);
    if (!these.length) return [];
    return [`## ${titles[level]}`, ...these.map(({ body }) => `- ${body.replaceAll("\n", "\n  ")}`)];
  });
  return ["# Changes", "What has come since the last published version.", ...parts, ""].join("\n\n");
}
