import { cudaEmulated, emulationMissing } from "@flambeau/backend-cuda-native/emulated";
import { type Scenario, testBackend } from "@flambeau/testkit";
import { test } from "vitest";
import { recurrents, runRecurrent, titleOf } from "./support/recurrent.ts";

const missing = emulationMissing();
const scenarios: Scenario[] = recurrents.map((layer) => ({
  name: titleOf(layer),
  covers: [layer.name, `${layer.name}Backward`],
  run: (make) => runRecurrent(layer, (shape) => make.floats(shape), "cuda"),
}));
if (missing !== null) test.skip(`backend conformance: ${missing}`);
else testBackend(() => cudaEmulated(), { scenarios });
