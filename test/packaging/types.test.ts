// The declarations as published: they compile in every setting that users have, and an editor finds the docs of every method in them.
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { quietly } from "../../scripts/setup/exec.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { all, install } from "./install.ts";

const id = (text: string) => `_${text.replaceAll(/\W/g, "_")}`;
let folder = "";

beforeAll(async () => {
  folder = await install(
    "types",
    all.map(({ name }) => name),
  );
  symlinkSync(join(root, "node_modules/vitest"), join(folder, "node_modules/vitest"));
  // the testkit's types are vitest's, which are newer than some of the settings below
  const entries = all.flatMap(({ name, folder, entries }) =>
    folder === "testkit" ? [] : entries.map((entry) => name + entry.slice(1)),
  );
  const program = [
    'import { type Tensor, tensor } from "@flambeau/tensor";',
    'import { optim, nn, type FlambeauError } from "flambeau";',
    "const sum: Tensor = tensor([1, 2]).add(1).sum();",
    "using scratch = tensor([1]);",
    "// @ts-expect-error: types are checked here, a string is no shape",
    'sum.reshape("2");',
    "// @ts-expect-error: what is internal is not shown",
    "sum.storage;",
    "declare const perhaps: number | undefined;",
    "new optim.SGD(new nn.Linear(2, 1, { bias: undefined }).parameters(), { lr: perhaps });",
    "export { scratch, type FlambeauError };",
    ...entries.map((entry) => `export * as ${id(entry)} from "${entry}";`),
  ];
  writeFileSync(join(folder, "index.ts"), `${program.join("\n")}\n`);
  writeFileSync(join(folder, "ported.ts"), readFileSync(join(root, "packages/flambeau/test/support/ported.ts")));
  writeFileSync(join(folder, "testkit.ts"), 'export * from "@flambeau/testkit";\n');
}, 600_000);

const compile = (name: string, version: string, files: readonly string[], options: object) => {
  const compilerOptions = { strict: true, noEmit: true, types: [], skipLibCheck: false, ...options };
  const config = `tsconfig.${name.replaceAll(/\W+/g, "-")}.json`;
  writeFileSync(join(folder, config), JSON.stringify({ compilerOptions, files }));
  return quietly(`tsc ${name}`, process.execPath, [join(root, "node_modules", version, "bin/tsc"), "-p", config], {
    cwd: folder,
  });
};

const settings = ["typescript-5", "typescript", "typescript-7"].flatMap((version) =>
  ["es2022", "esnext"].flatMap((lib) =>
    [true, false].flatMap((dom) =>
      [true, false].map((exactOptionalPropertyTypes) => ({ version, lib, dom, exactOptionalPropertyTypes })),
    ),
  ),
);
test.for(settings)(
  "compile with $version, lib $lib, dom $dom, exactOptionalPropertyTypes $exactOptionalPropertyTypes",
  async ({ version, lib, dom, exactOptionalPropertyTypes }) => {
    const name = `${version} ${lib} ${dom} ${exactOptionalPropertyTypes}`;
    // `using` is written in the program: its symbols are in a library of their own, which the declarations ask for
    const libs = [lib, ...(dom ? ["dom"] : [])];
    const options = { target: "es2022", module: "nodenext", lib: libs, exactOptionalPropertyTypes };
    await compile(name, version, ["index.ts"], options);
  },
);
test.for(["typescript-5", "typescript", "typescript-7"])("ported programs need no casts with %s", async (version) => {
  const strictest = { noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };
  const options = { target: "es2022", module: "nodenext", lib: ["es2022"], ...strictest };
  await compile(`ported ${version}`, version, ["ported.ts"], options);
});
test.for(["nodenext", "esnext"])("the testkit's compile under module %s", async (module) => {
  const moduleResolution = module === "nodenext" ? module : "bundler";
  const options = { target: "es2024", module, moduleResolution, lib: ["esnext", "dom", "dom.asynciterable"] };
  await compile(`testkit ${module}`, "typescript", ["testkit.ts", "index.ts"], options);
});

describe("in an editor", () => {
  const code = [
    'import { type Tensor, tensor } from "@flambeau/tensor";',
    "const x: Tensor = tensor([1]);",
    "type Methods = { [K in keyof Tensor as Tensor[K] extends (...args: never) => unknown ? K : never]: true };",
    "declare const methods: Methods;",
    "",
  ].join("\n");

  test("every method of a tensor has its docs on hover, and a definition", () => {
    const file = join(folder, "editor.ts");
    const options = { strict: true, target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.NodeNext, types: [] };
    let text = code;
    let version = 0;
    const host: ts.LanguageServiceHost = {
      getScriptFileNames: () => [file],
      getScriptVersion: (name) => (name === file ? String(version) : "0"),
      getScriptSnapshot: (name) => {
        const content = name === file ? text : ts.sys.readFile(name);
        return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
      },
      getCurrentDirectory: () => folder,
      getCompilationSettings: () => options,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    };
    const service = ts.createLanguageService(host);
    const program = service.getProgram();
    const checker = program?.getTypeChecker();
    const source = program?.getSourceFile(file);
    const declared = source?.statements.find(
      (each) => ts.isVariableStatement(each) && each.getText().startsWith("declare"),
    );
    const [declaration] = declared && ts.isVariableStatement(declared) ? declared.declarationList.declarations : [];
    if (!checker || !declaration) throw new Error("the program has no types");
    const names = checker
      .getTypeAtLocation(declaration.name)
      .getProperties()
      .map(({ name }) => name)
      .filter((name) => /^\w+$/.test(name));
    expect(names.length).toBeGreaterThan(500);
    text = code + names.map((name) => `x.${name};\n`).join("");
    version++;
    const bare: string[] = [];
    let at = code.length;
    for (const name of names) {
      const info = service.getQuickInfoAtPosition(file, at + 2);
      if (!info?.documentation?.length) bare.push(name);
      const found = service.getDefinitionAtPosition(file, at + 2) ?? [];
      const [definition] = found;
      const held =
        definition &&
        readFileSync(definition.fileName, "utf8").slice(
          definition.textSpan.start,
          definition.textSpan.start + definition.textSpan.length,
        );
      expect(held, name).toBe(name);
      at += name.length + 4;
    }
    expect(bare).toEqual([]);
  });
});
