import "./methods.ts";

export * from "./functional.ts";
