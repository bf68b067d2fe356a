// Installed alone, without the npm package that brings WebGPU to Node: it imports, and says what is missing and what to do.
import { strict as assert } from "node:assert";
import { webgpu } from "@flambeau/backend-webgpu";

assert.equal(await webgpu.isAvailable(), false);
await assert.rejects(webgpu(), { name: "UnavailableError", hint: /npm install webgpu/ });
console.log("works");
