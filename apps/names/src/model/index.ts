// What a page that trains on names needs, too.
export { type Kind, kinds, letterTokens, shown, spelled } from "./alphabet.ts";
export { batches, batchOf, countOf, type NameSets, nameSets, type Origin, type Origins } from "./names.ts";
export { type Cell, NameNetwork } from "./network.ts";
export { type SampleOptions, sampleNames } from "./sampling.ts";
export { learn, lossOf, nameOptimizer } from "./step.ts";
