// The layering of docs/architecture.md, section 2, as rules. A package may import what its line names, and nothing else.
const layers = {
  tensor: [],
  autograd: ["tensor"],
  nn: ["tensor", "losses"],
  losses: ["tensor"],
  optim: ["tensor"],
  compile: ["tensor"],
  data: ["tensor"],
  io: ["tensor"],
  plot: ["tensor"],
  profiler: ["tensor"],
  tensorboard: ["tensor"],
  text: ["tensor", "nn", "losses"],
  vision: ["tensor"],
  amp: ["tensor", "losses", "nn", "optim"], // of the others the types of their lists of ops
  graph: ["tensor", "nn", "losses", "optim", "io"],
  "backend-[^/]+": ["tensor"],
  testkit: ["tensor", "autograd"],
  "create-flambeau": [],
  flambeau: [
    "tensor",
    "autograd",
    "nn",
    "losses",
    "optim",
    "data",
    "io",
    "amp",
    "plot",
    "profiler",
    "tensorboard",
    "text",
    "vision",
    "graph",
    "compile",
    "backend-cpu-wasm",
    "backend-webgpu",
    "backend-cuda-native",
  ],
};
/** The rooms of @flambeau/tensor (docs/architecture.md, section 2): what stands above each of them. */
const rooms = {
  expr: ["core", "layout", "contract", "memory", "random", "linalg", "lower", "door", "ops", "methods"],
  linalg: ["layout", "contract", "memory", "random", "lower", "door", "ops", "methods"],
  random: ["layout", "contract", "memory", "linalg", "lower", "door", "ops", "methods"],
  contract: ["layout", "memory", "random", "linalg", "lower", "door", "ops", "methods"],
  core: ["linalg", "lower", "door", "ops", "methods"],
  layout: ["random", "linalg", "lower", "door", "ops", "methods"],
  memory: ["random", "linalg", "lower", "ops", "methods"],
  lower: ["random", "linalg", "door", "ops", "methods"],
  door: ["linalg", "ops", "methods"],
  ops: ["methods"],
};
const neutral = ["tensor", "autograd", "nn", "losses", "optim", "amp", "compile", "profiler"];
const sources = (name) => `^packages/${name}/src/`;

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(layers).map(([name, allowed]) => ({
      name: `layer: ${name}`,
      comment: `@flambeau/${name} may import ${allowed.length ? allowed.join(", ") : "no other package"}.`,
      severity: "error",
      from: { path: sources(`(${name})`) },
      to: { path: "^packages/", pathNot: [sources("$1"), ...allowed.map((other) => sources(other))] },
    })),
    {
      name: "through the front door",
      comment:
        "Another package is imported by its name. A relative path would bundle a second copy of its classes and its state.",
      severity: "error",
      from: { path: "^(packages|apps)/([^/]+)/src/" },
      to: { path: "^packages/", pathNot: "^$1/$2/", dependencyTypes: ["local"] },
    },
    ...Object.entries(rooms).map(([room, others]) => ({
      name: `room: ${room}`,
      comment: `packages/tensor/src/${room} knows nothing of ${others.join(", ")}.`,
      severity: "error",
      from: { path: `^packages/tensor/src/${room}/` },
      to: {
        path: `^packages/tensor/src/(${others.join("|")})/`,
      },
    })),
    {
      name: "functional core",
      comment:
        "Values come from @flambeau/tensor/functional: the main entry installs every op as a method, which a program that uses " +
        "functions only should not have to load. Types may come from either.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: "^packages/(flambeau|testkit|tensor)/" },
      to: { path: "^packages/tensor/src/index\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "packages stay below apps",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^apps/" },
    },
    {
      name: "no cycle",
      comment: "Modules that need each other hold one idea. Edges of types count.",
      severity: "error",
      from: { path: "^(packages|apps)/" },
      to: { circular: true },
    },
    {
      name: "platform-neutral",
      comment: "These packages run in the browser as they are: no Node modules, no dependencies.",
      severity: "error",
      from: { path: sources(`(${neutral.join("|")})`) },
      to: {
        dependencyTypes: ["core", "npm", "npm-dev", "npm-peer", "npm-optional", "npm-no-pkg", "npm-unknown"],
        pathNot: "^packages/",
      },
    },
    {
      name: "declared dependencies",
      comment:
        "What a published source imports stands in its own package.json, but for what is built into the packages that have it.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      // a peer that is needed for the tests is a dependency of development, too
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        dependencyTypesNot: ["npm-peer"],
        pathNot: "^packages/|/node_modules/(papaparse|jpeg-js|@clack/prompts|(@types/)?validate-npm-package-name)/",
      },
    },
    {
      name: "no test code in sources",
      severity: "error",
      from: { path: "^(packages|apps)/[^/]+/src/" },
      to: { path: "^(packages|apps)/[^/]+/test/" },
    },
    {
      name: "resolvable",
      severity: "error",
      from: { path: "^(packages|apps)/" },
      to: { couldNotResolve: true, pathNot: "^(playwright-core|webgpu)" },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules"] },
    exclude: { path: ["/assembly/", "/dist/", "/templates/"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "node", "default", "types"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  },
};
