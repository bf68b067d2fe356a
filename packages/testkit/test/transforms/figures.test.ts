import { at } from "@flambeau/tensor/functional";
import { beforeAll, expect, test } from "vitest";
import { readBundle } from "../../src/conformance/bundle.ts";
import type { Functions } from "../../src/conformance/call.ts";
import { loadSubject } from "../../src/conformance/subject.ts";
import { exceptions, toleranceFactors, waiting } from "./exceptions.ts";
import { isRefused, replayCase, type TransformFile } from "./replay.ts";

// Every figure of torch.func that was recorded (80 functions, float32 and float64), within PyTorch's default tolerances.

let functions: Functions;
beforeAll(async () => {
  functions = { ...(await loadSubject("cpu")).functions, at };
});

const defaults: { readonly [dtype: string]: readonly [rtol: number, atol: number] } = {
  float32: [1.3e-6, 1e-5],
  float64: [1e-7, 1e-7],
};

for (const folder of ["func_float32", "func_float64"]) {
  const files = readBundle(new URL(`./figures/${folder}.br`, import.meta.url));
  for (const { name, read } of files) {
    const file = read() as unknown as TransformFile; // the bundle's own format
    const which = waiting.has(name) ? test.fails : test;
    which(`${folder}: ${name}`, () => {
      const found: string[] = [];
      let compared = 0;
      file.cases.forEach((c, i) => {
        if (isRefused(c)) return;
        compared++;
        const factor = toleranceFactors[name] ?? 1;
        const outcome = replayCase(file, i, functions, (dtype) => {
          const [rtol, atol] = defaults[dtype] ?? [0, 0];
          return { rtol: rtol * factor, atol: atol * factor };
        });
        const own = exceptions[name]?.[c.transform] !== undefined;
        if (outcome.state !== "passed" && !own)
          found.push(`case ${i} ${c.transform}: ${outcome.state} ${outcome.detail}`);
      });
      expect(compared).toBeGreaterThan(10);
      expect(found).toEqual([]);
    });
  }
}

test("every exception is one: some case of it does differ", () => {
  const all = ["func_float32", "func_float64"].flatMap((folder) =>
    readBundle(new URL(`./figures/${folder}.br`, import.meta.url)),
  );
  for (const [name, transforms] of Object.entries(exceptions))
    for (const transform of Object.keys(transforms)) {
      const differs = all
        .filter((f) => f.name === name)
        .some(({ read }) => {
          const file = read() as unknown as TransformFile;
          return file.cases.some(
            (c, i) =>
              c.transform === transform &&
              !isRefused(c) &&
              replayCase(file, i, functions, (dtype) => {
                const [rtol, atol] = defaults[dtype] ?? [0, 0];
                return { rtol, atol };
              }).state !== "passed",
          );
        });
      expect(differs, `${name} ${transform}`).toBe(true);
    }
});
