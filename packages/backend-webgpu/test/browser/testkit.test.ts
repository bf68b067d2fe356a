import { webgpu } from "@flambeau/backend-webgpu";
import * as losses from "@flambeau/losses";
import * as nn from "@flambeau/nn";
import * as optim from "@flambeau/optim";
import { testBackend } from "@flambeau/testkit";
import { test } from "vitest";

const reason = await webgpu.unavailableReason();
if (reason === null) testBackend(() => webgpu(), { packages: { nn, losses, optim } });
else test.skip(`backend conformance in the browser: ${reason}`);
