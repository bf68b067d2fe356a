// Where the addon of this platform lies: in the package made for it, or in a checkout's build. Nothing is loaded here.
"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");

function find() {
  if (process.env.FLAMBEAU_NATIVE === "off") return { reason: "FLAMBEAU_NATIVE is off" };
  const platform = `${process.platform}-${process.arch}`;
  try {
    return { path: require.resolve(`@flambeau/cpu-native-${platform}`) };
  } catch {
    const built = join(__dirname, "build", "flambeau-cpu.node");
    if (existsSync(built)) return { path: built };
    return { reason: `there are no native kernels for ${platform}` };
  }
}

module.exports = find();
