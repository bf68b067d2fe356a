// What a function asks of WebGPU as it is and compiled: a line of JSON for each row of bench --compile that the command line names.
import { webgpu } from "@flambeau/backend-webgpu";
import { compile, manualSeed, registerBackend, setDefaultDevice, type Tensor, tidy } from "flambeau";
import type { DispatchFigure } from "../compile/dispatches.ts";
import { compileRows } from "../compile/rows.ts";
import { countSteps } from "../webgpu/counters.ts";
import { classes, installWebGPU } from "./dawn.ts";

// a plan is made at the second call
const steps = { warmUp: 4, steps: 4 };

async function dispatchesOf(call: () => Tensor): Promise<number> {
  const step = async () => {
    const result = tidy(() => call().detach());
    await result.flatten().select(0, 0).itemAsync();
    result.dispose();
  };
  return (await countSteps(classes, step, steps)).perStep.dispatches;
}

await installWebGPU();
registerBackend(await webgpu());
setDefaultDevice("webgpu");
for (const { name, make } of compileRows) {
  if (!process.argv.includes(name, 2)) continue;
  const fresh = () => {
    manualSeed(0);
    return make();
  };
  const figure: DispatchFigure = {
    name,
    eager: await dispatchesOf(fresh()),
    compiled: await dispatchesOf(compile(fresh())),
  };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}
process.exit(0);
