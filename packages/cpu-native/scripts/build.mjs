// Builds the addon for this platform with the system's C++ compiler:
//   node packages/cpu-native/scripts/build.mjs [--sanitize]
// --sanitize: with AddressSanitizer, in build/sanitized.
import { compileAddon } from "../../../scripts/native/compile.mjs";
import { addon } from "./addon.mjs";

await compileAddon(addon, undefined, process.argv.includes("--sanitize"));
