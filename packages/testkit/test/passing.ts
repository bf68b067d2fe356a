import { readFileSync } from "node:fs";

/** Fixture files that pass in full on the cpu. After adding ops: node --conditions=source packages/testkit/scripts/passing.ts */
export const passing: readonly string[] = readFileSync(new URL("passing.txt", import.meta.url), "utf8")
  .trim()
  .split(/\n\n/)
  .flatMap((paragraph) => {
    const [folder, names] = paragraph.split(/:\s/);
    return names
      .trim()
      .split(/\s+/)
      .map((name) => `${folder}/${name}`);
  });
