// Installed alone: it imports, and says why there is no card where there is none.
import { strict as assert } from "node:assert";
import { cudaNative } from "@flambeau/backend-cuda-native";

const reason = await cudaNative.unavailableReason();
assert.equal(await cudaNative.isAvailable(), reason === null);
if (reason === null) (await cudaNative()).dispose();
else {
  assert.match(reason, /^cuda: /);
  await assert.rejects(cudaNative(), { name: "UnavailableError", message: reason });
}
console.log("works");
