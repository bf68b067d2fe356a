export { functionalCall, stackModuleState } from "./functional-call.ts";
export * as init from "./init.ts";
export * from "./modules.ts";
export type { SummaryColumn } from "./summary/columns.ts";
export type { SummaryRow } from "./summary/row.ts";
export { type ModelSummary, type SummaryOptions, summary } from "./summary/summary.ts";
export * as utils from "./utils/index.ts";
