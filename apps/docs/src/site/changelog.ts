// What the next version brings, from the changesets that wait for it, and what the versions before brought, from the packages' lists.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../../scripts/setup/paths.mjs";

const levels = ["major", "minor", "patch"] as const;
type Level = (typeof levels)[number];
const titles = { major: "What breaks", minor: "What is new", patch: "What is mended" };

interface Note {
  readonly level: Level | undefined;
  readonly body: string;
}

/** The page of changes. */
export function changelog(): string {
  const folder = join(root, ".changeset");
  const files = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
  const lists = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name, "CHANGELOG.md"));
  return pageOf(
    files.sort().map((name) => readFileSync(join(folder, name), "utf8")),
    lists.filter((path) => existsSync(path)).map((path) => readFileSync(path, "utf8")),
  );
}

/** The page, made of changesets and of packages' CHANGELOG.md. A change of several packages stands in it once. */
export function pageOf(changesets: readonly string[], lists: readonly string[]): string {
  const waiting = changesets.map((text): Note => {
    const [, head = "", body = ""] = /^---\n([\s\S]*?)---\n([\s\S]*)$/.exec(text) ?? [];
    return { level: levels.find((level) => head.includes(level)), body: body.trim() };
  });
  const versions = new Map<string, Note[]>();
  for (const list of lists)
    for (const [version, notes] of released(list)) versions.set(version, [...(versions.get(version) ?? []), ...notes]);
  const parts = waiting.length ? ["What has come since the last published version.", ...chapters(waiting, "##")] : [];
  const newest = [...versions.keys()].sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  for (const version of newest) parts.push(`## ${version}`, ...chapters(versions.get(version) ?? [], "###"));
  return ["# Changes", ...parts, ""].join("\n\n");
}

function chapters(notes: readonly Note[], mark: string): string[] {
  return levels.flatMap((level) => {
    const bodies = new Set(notes.filter((note) => note.level === level).map(({ body }) => body));
    if (!bodies.size) return [];
    return [`${mark} ${titles[level]}`, ...Array.from(bodies, (body) => `- ${body.replace(/\n(?=[^\n])/g, "\n  ")}`)];
  });
}

/** The changes of each version in a list as changesets writes it, without those that only follow from other packages'. */
function released(list: string): [version: string, notes: Note[]][] {
  return list
    .split(/^## (?=\d)/m)
    .slice(1)
    .map((part) => {
      const version = part.slice(0, part.indexOf("\n")).trim();
      const notes = part
        .split(/^### (?=\w+ Changes$)/m)
        .slice(1)
        .flatMap((chapter) => {
          const level = levels.find((each) => chapter.toLowerCase().startsWith(each));
          const entries = chapter.split(/^- /m).slice(1);
          return entries
            .filter((entry) => !entry.startsWith("Updated dependencies"))
            .map(
              (entry): Note => ({
                level,
                body: entry
                  .replace(/^[0-9a-f]{7,}: /, "")
                  .replace(/^ {2}/gm, "")
                  .trim(),
              }),
            );
        });
      return [version, notes];
    });
}
