export { functionalCall, stackModuleState } from "./functional-call.ts";
export * as init from "./init.ts";
export * from "./modules.ts";
export { SummaryRow } from "./summary/row.ts";
export { ModelSummary, type SummaryColumn, type SummaryOptions, summary } from "./summary/summary.ts";
export * as utils from "./utils/index.ts";
