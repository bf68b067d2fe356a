export type { Maker, Scenario, Upper } from "./backend/fused-scenarios.ts";
export { type TestBackendOptions, testBackend } from "./backend/index.ts";
