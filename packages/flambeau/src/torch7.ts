// Torch7's layers, criterions and nngraph, and of its optim what PyTorch has not: `import * as torch7 from "flambeau/torch7"`.
export * from "@flambeau/nn/torch7";
export * as optim from "@flambeau/optim/torch7";
