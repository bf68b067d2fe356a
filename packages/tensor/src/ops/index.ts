export * from "./arithmetic.ts";
export * from "./comparison.ts";
export * from "./copy.ts";
export * from "./creation.ts";
export * from "./joining.ts";
export * from "./matmul.ts";
export * from "./reduction.ts";
export * from "./view.ts";
