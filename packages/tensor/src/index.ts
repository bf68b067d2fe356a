import "./methods/install.ts";

export * from "./functional.ts";
