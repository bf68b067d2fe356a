import { cudaEmulated, emulationMissing } from "@flambeau/backend-cuda-native/emulated";
import { testBackend } from "@flambeau/testkit";
import { test } from "vitest";

const missing = emulationMissing();
if (missing !== null) test.skip(`backend conformance: ${missing}`);
else testBackend(() => cudaEmulated());
