// node --conditions=source packages/testkit/scripts/passing.ts: writes the list of files that pass in full, which the tests hold us to.
// A file on the list that no longer passes stops it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { bundledFixtures } from "../src/conformance/files.ts";
import { inFull } from "../src/conformance/outcome.ts";
import { runFile } from "../src/conformance/run.ts";
import { loadSubject } from "../src/conformance/subject.ts";

const path = new URL("../test/passing.txt", import.meta.url);
const before = existsSync(path) ? readFileSync(path, "utf8") : "";
const subject = await loadSubject("cpu", { threads: 1 });
const passing = new Map<string, string[]>();
for (const file of bundledFixtures()) {
  if (!inFull(runFile(file, subject))) continue;
  passing.set(file.folder, [...(passing.get(file.folder) ?? []), file.name]);
}
for (const paragraph of before.trim().split(/\n\n/)) {
  const [folder, names = ""] = paragraph.split(/:\s/);
  const lost = names.split(/\s+/).filter((name) => name && !passing.get(folder)?.includes(name));
  if (lost.length > 0) throw new Error(`${folder}: ${lost.join(", ")} passed before and do not now`);
}
const wrapped = (names: readonly string[]): string => {
  const lines = [""];
  for (const name of names) {
    if (lines[lines.length - 1].length + name.length > 110) lines.push("");
    lines[lines.length - 1] += lines[lines.length - 1] ? ` ${name}` : name;
  }
  return lines.join("\n");
};
writeFileSync(path, `${[...passing].map(([folder, names]) => `${folder}:\n${wrapped(names)}`).join("\n\n")}\n`);
process.stdout.write(`${[...passing].map(([folder, names]) => `${folder} ${names.length}`).join(", ")}\n`);
process.exit(0);
