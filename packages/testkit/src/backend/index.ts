import { type Backend, registerBackend } from "@flambeau/tensor";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { afterAll, afterEach, describe, test } from "vitest";
import { epilogueTests } from "./epilogues.ts";
import { fusedTests } from "./fused.ts";
import type { Scenario, Upper } from "./fused-scenarios.ts";
import { gradientTests } from "./gradients.ts";
import { inPlaceTests } from "./in-place.ts";
import { indexedTests } from "./indexed.ts";
import { integerTests } from "./integers.ts";
import { Lab } from "./lab.ts";
import { disposed, lifeTests } from "./life.ts";
import { mapTests } from "./map.ts";
import { matmulTests } from "./matmul.ts";
import { memoryTests } from "./memory.ts";
import { reduceTests } from "./reduce.ts";
import { roundingTests } from "./rounding.ts";
import { sizeTests } from "./sizes.ts";
import type { Subject } from "./subject.ts";
import { trapTests } from "./traps.ts";
import { wideTests } from "./wide.ts";

export interface TestBackendOptions {
  /** Factor on the tolerance of floating-point results. Default 1; a GPU's functions are allowed more than a CPU's. */
  readonly accuracy?: number | undefined;
  /** Milliseconds that one test may take. Default: vitest's. */
  readonly timeout?: number | undefined;
  /** Bytes that the tests of large sizes may put into one buffer; larger ones are left out. Default 2^27. */
  readonly maxBytes?: number | undefined;
  /** Uses of fused kernels under names that the framework's own ops do not have. */
  readonly scenarios?: readonly Scenario[] | undefined;
  /** Modules whose fused ops are tested too. Default: those that can be imported by name, which in a browser are none. */
  readonly packages?: Partial<Upper> | undefined;
}
const testBackendKinds: Kinds<TestBackendOptions> = {
  accuracy: option.number,
  timeout: option.number,
  maxBytes: option.number,
  scenarios: option.listOf(option.object),
  packages: option.object,
};

/**
 * The conformance suite of a backend, as vitest tests: every primitive of the contract against plain float64 loops in all layouts
 * and dtypes that the backend claims, conversions, special values, rounding, integers that are wide or divided by zero, sizes beyond
 * what one launch takes, in-place use, memory, its order and its end, out of memory, each fused kernel against its op's definition (also its gradients, and over several steps), gradients against differences, and what is no
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
  const { accuracy = 1, timeout, maxBytes = 2 ** 27 } = options;
  describe("backend conformance", { shuffle: false, ...(timeout === undefined ? {} : { timeout }) }, async () => {
    const backend = await make();
    registerBackend(backend);
    const lab = new Lab(backend);
    const subject: Subject = { backend, lab, accuracy, maxBytes };
    afterEach(() => lab.clear());
    afterAll(() => backend.dispose());
    memoryTests(subject);
    lifeTests(subject);
    mapTests(subject);
    roundingTests(subject);
    trapTests(subject);
    reduceTests(subject);
    matmulTests(subject);
    indexedTests(subject);
    wideTests(subject);
    sizeTests(subject);
    inPlaceTests(subject);
    gradientTests(subject);
    integerTests(subject);
    epilogueTests(subject);
    await fusedTests(subject, options.scenarios ?? [], options.packages ?? {});
    test("after dispose, which may be asked for twice, it is refused", () => disposed(backend));
  });
}
