import { afterAll, beforeAll, describe } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "../../src/engine/engine.ts";
import { chooseNative, type InstructionSet } from "../../src/engine/native.ts";

const sets: readonly InstructionSet[] = ["avx512", "avx2", "neon"];

/** What kernels there are here: WebAssembly's, and those of each instruction set that this processor has and the addon was built for. */
export const builds: readonly ("wasm" | InstructionSet)[] = [
  "wasm",
  ...sets.filter((isa) => typeof (chooseNative(isa) ?? "none") !== "string"),
];

/** An engine with the kernels of a build. */
export function engineOf(build: "wasm" | InstructionSet, options: EngineOptions = {}): Engine {
  return createEngine({ ...options, native: build === "wasm" ? false : build });
}

/** The same tests for each build; `use` is given its engine before they run. */
export function describeBuilds(
  name: string,
  options: EngineOptions,
  use: (engine: Engine) => void,
  tests: () => void,
): void {
  describe.each(builds)(`${name} (%s)`, (build) => {
    let engine: Engine;
    beforeAll(() => {
      engine = engineOf(build, options);
      use(engine);
    });
    afterAll(() => engine.dispose());
    tests();
  });
}
