export { functionalCall, stackModuleState } from "./functional-call.ts";
export * as init from "./init.ts";
export * from "./modules.ts";
export * as utils from "./utils/index.ts";
