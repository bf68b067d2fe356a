// Where the addon of this platform lies: in the package made for it, in a checkout's build, or where FLAMBEAU_NATIVE says. Nothing is
// loaded here, but the file is looked at: one that is cut off or damaged would take the process with it.
"use strict";

const { createHash } = require("node:crypto");
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

/** The addon at `path`, if it is what `path`.json, written when it was built, says of it. */
function whole(path) {
  try {
    const { bytes, sha256 } = JSON.parse(readFileSync(`${path}.json`, "utf8"));
    const addon = readFileSync(path);
    if (addon.length !== bytes) return { reason: `${path} has ${addon.length} bytes instead of ${bytes}` };
    if (createHash("sha256").update(addon).digest("hex") !== sha256) return { reason: `${path} is damaged` };
    return { path };
  } catch (error) {
    return { reason: String(error.message).split("\n")[0] };
  }
}

function find() {
  const asked = process.env.FLAMBEAU_NATIVE;
  if (asked === "off") return { reason: "FLAMBEAU_NATIVE is off" };
  if (asked) return whole(asked);
  const platform = `${process.platform}-${process.arch}`;
  try {
    return whole(require.resolve(`@flambeau/cpu-native-${platform}`));
  } catch {
    const built = join(__dirname, "build", platform, "flambeau-cpu.node");
    return existsSync(built) ? whole(built) : { reason: `there are no native kernels for ${platform}` };
  }
}

const found = find();
exports.path = found.path;
exports.reason = found.reason;
exports.whole = whole;
