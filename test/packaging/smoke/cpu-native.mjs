// The file that the cpu backend loads, or the reason why there is none; alone it is one of the two.
import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { path, reason, whole } from "@flambeau/cpu-native";

assert.equal(path === undefined, typeof reason === "string");
if (path !== undefined) {
  assert.ok(existsSync(path));
  assert.deepEqual(whole(path), { path });
}
assert.match(whole("nowhere.node").reason, /nowhere\.node/);
console.log("works");
