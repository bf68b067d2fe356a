import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "create-flambeau";

const folder = join(mkdtempSync(join(tmpdir(), "flambeau create ")), "app");
const files = create({ folder, name: "my-app", template: "page", device: "webgpu" });
const { name, dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const right = name === "my-app" && "flambeau" in dependencies && files.includes(".gitignore");
console.log(right ? "works" : `wrong: ${name}, ${files}`);
