import { testBackend } from "@flambeau/testkit";
import { test } from "vitest";
import { adapterMissing, openBackend } from "./support/adapter.ts";

if (await adapterMissing()) test.skip("backend conformance: there is no WebGPU adapter");
else testBackend(() => openBackend());
