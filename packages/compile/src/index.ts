export * from "./compile.ts";
export type { CompileStats } from "./explain.ts";
