import { readFileSync } from "node:fs";

/** The version of the Flambeau that this bench runs. */
export function flambeauVersion(): string {
  const manifest = new URL("../package.json", import.meta.resolve("flambeau"));
  // every package of ours has a version in its manifest
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return version;
}
