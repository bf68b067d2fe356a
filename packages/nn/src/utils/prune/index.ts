export * from "./functions.ts";
export {
  BasePruningMethod,
  isPruned,
  type PruneApplyOptions,
  type PruneTensorOptions,
  PruningContainer,
  type PruningType,
  remove,
} from "./method.ts";
export * from "./methods.ts";
