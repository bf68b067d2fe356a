export * as init from "./init.ts";
export * from "./modules.ts";
