/**
 * The folder of an npm package that the program has installed: found from the working folder and from the program's own, as Node finds it.
 * Undefined where there is none, or no Node.
 */
export function npmFolder(npm: { readonly package: string; readonly folder: string }): string | undefined {
  const modules = globalThis.process?.getBuiltinModule?.("node:module");
  const path = globalThis.process?.getBuiltinModule?.("node:path");
  if (!modules || !path) return undefined;
  const program = process.argv[1];
  for (const from of [process.cwd(), ...(program ? [path.dirname(program)] : [])]) {
    try {
      const manifest = modules.createRequire(path.join(from, "here.js")).resolve(`${npm.package}/package.json`);
      return path.join(path.dirname(manifest), npm.folder);
    } catch {
      // not installed for this folder
    }
  }
  return undefined;
}
