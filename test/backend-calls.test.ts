import { globSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
/** What computes on a device, or gives its values. Memory (`alloc`, `free`, `pace`, `flush`) is core's and memory's business. */
const calls = new Set(["kernels", "fused", "write", "read", "readSync", "copyFrom", "checkIndices"]);
/** The rooms that may: what lies below the door, what makes the calls of a tape, and the backends themselves. */
const allowed = /^packages\/(tensor\/src\/(lower|contract)\/|(backend-[^/]+|compile|testkit)\/)/;

test("backends are called in tensor's lower/ alone, so that everything they do is an op's", () => {
  const files = globSync("packages/*/src/**/*.ts", { cwd: root }).filter((file) => !allowed.test(file));
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, "tsconfig.json"),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (d) => {
        throw new Error(String(d.messageText));
      },
    },
  );
  const program = ts.createProgram(
    files.map((file) => join(root, file)),
    { ...config?.options, noEmit: true },
  );
  const checker = program.getTypeChecker();
  const found: string[] = [];
  const isBackend = (type: ts.Type): boolean =>
    type.isUnion() ? type.types.some(isBackend) : type.symbol?.name === "Backend";
  for (const file of files) {
    const source = program.getSourceFile(join(root, file));
    if (!source) throw new Error(`${file} is not in the program`);
    const visit = (node: ts.Node): void => {
      ts.forEachChild(node, visit);
      if (!ts.isPropertyAccessExpression(node) || !calls.has(node.name.text)) return;
      // whether a device can be read at once may be asked anywhere
      const asked =
        node.name.text === "readSync" && !(ts.isCallExpression(node.parent) && node.parent.expression === node);
      if (asked || !isBackend(checker.getTypeAtLocation(node.expression))) return;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${relative(root, source.fileName)}:${line + 1} ${node.getText()}`);
    };
    visit(source);
  }
  expect(found).toEqual([]);
});
