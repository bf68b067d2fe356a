// Builds the addon with the system's C++ compiler: node packages/cpu-native/scripts/build.mjs
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = new URL("..", import.meta.url).pathname;
const out = join(folder, "build");
mkdirSync(out, { recursive: true });
const nm = join(folder, "../backend-cuda-native/node_modules");
const base = [
  "-std=c++17",
  "-fPIC",
  "-Wall",
  "-Wextra",
  "-fvisibility=hidden",
  "-fno-exceptions",
  "-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
  "-DNAPI_VERSION=8",
];
const isas = {
  avx512: [
    "-mavx512f",
    "-mavx512dq",
    "-mavx512bw",
    "-mavx512vl",
    "-mavx2",
    "-mfma",
    "-mprefer-vector-width=512",
    "-DVECTOR_BYTES=64",
    "-DVECTOR_REGISTERS=32",
  ],
  avx2: ["-mavx2", "-mfma", "-DVECTOR_BYTES=32", "-DVECTOR_REGISTERS=16"],
};
const objects = [];
for (const [isa, flags] of Object.entries(isas)) {
  const o = join(out, `${isa}.o`);
  objects.push(o);
  console.time(isa);
  execFileSync(
    "g++",
    [
      ...base,
      "-O3",
      "-fwrapv",
      "-ffp-contract=fast",
      ...flags,
      `-DISA=${isa}`,
      "-c",
      join(folder, "native/isa.cc"),
      "-o",
      o,
    ],
    { stdio: "inherit" },
  );
  console.timeEnd(isa);
}
const draft = join(out, `draft.${process.pid}`);
execFileSync(
  "g++",
  [
    ...base,
    "-O2",
    "-isystem",
    join(nm, "node-addon-api"),
    "-isystem",
    join(nm, "node-api-headers/include"),
    "-shared",
    join(folder, "native/addon.cc"),
    ...objects,
    "-o",
    draft,
  ],
  { stdio: "inherit" },
);
const addon = readFileSync(draft);
const sha256 = createHash("sha256").update(addon).digest("hex");
// the loader compares: a damaged file would take the process with it
writeFileSync(join(out, "flambeau-cpu.node.json"), `${JSON.stringify({ bytes: addon.length, sha256 })}\n`);
renameSync(draft, join(out, "flambeau-cpu.node"));
