// Torch7's layers, criterions and nngraph: `import * as torch7 from "flambeau/torch7"`.
export * from "@flambeau/nn/torch7";
