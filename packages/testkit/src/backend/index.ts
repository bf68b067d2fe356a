import { type Backend, DeviceError, registerBackend } from "@flambeau/tensor";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { afterAll, afterEach, describe, expect } from "vitest";
import { fusedTests } from "./fused.ts";
import type { Scenario, Upper } from "./fused-scenarios.ts";
import { gradientTests } from "./gradients.ts";
import { inPlaceTests } from "./in-place.ts";
import { indexedTests } from "./indexed.ts";
import { integerTests } from "./integers.ts";
import { Lab } from "./lab.ts";
import { mapTests } from "./map.ts";
import { matmulTests } from "./matmul.ts";
import { memoryTests } from "./memory.ts";
import { reduceTests } from "./reduce.ts";
import type { Subject } from "./subject.ts";

export interface TestBackendOptions {
  /** Factor on the tolerance of floating-point results. Default 1; a GPU's functions are allowed more than a CPU's. */
  readonly accuracy?: number | undefined;
  /** Uses of fused kernels under names that the framework's own ops do not have. */
  readonly scenarios?: readonly Scenario[] | undefined;
  /** Modules whose fused ops are tested too. Default: those that can be imported by name, which in a browser are none. */
  readonly packages?: Partial<Upper> | undefined;
}
const testBackendKinds: Kinds<TestBackendOptions> = {
  accuracy: option.number,
  scenarios: option.listOf(option.object),
  packages: option.object,
};

/**
 * The conformance suite of a backend, as vitest tests: every primitive of the contract against plain float64 loops in all layouts
 * and dtypes that the backend claims, conversions, special values, in-place use, memory accounting, out of memory, each fused
 * kernel against its op's definition (also its gradients, and over several steps), gradients against differences, and what is no
 * integer in every integer argument of every function.
 *
 * @example
 * // the whole of a backend's test file
 * // doctest: skip, it declares tests
 * import { testBackend } from "@flambeau/testkit";
 * import { cpuWasm } from "@flambeau/backend-cpu-wasm";
 * testBackend(() => cpuWasm());
 */
export function testBackend(make: () => Backend | Promise<Backend>, options: TestBackendOptions = {}): void {
  checkOptions("testBackend", testBackendKinds, options);
  describe("backend conformance", async () => {
    const backend = await make();
    registerBackend(backend);
    const lab = new Lab(backend);
    const subject: Subject = { backend, lab, accuracy: options.accuracy ?? 1 };
    afterEach(() => lab.clear());
    afterAll(async () => {
      await backend.dispose();
      expect(() => backend.alloc(4), "alloc after dispose").toThrow(DeviceError);
    });
    memoryTests(subject);
    mapTests(subject);
    reduceTests(subject);
    matmulTests(subject);
    indexedTests(subject);
    inPlaceTests(subject);
    gradientTests(subject);
    integerTests(subject);
    await fusedTests(subject, options.scenarios ?? [], options.packages ?? {});
  });
}
