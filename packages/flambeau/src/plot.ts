// Pictures as SVG text: `import { curves } from "flambeau/plot"`.
export * from "@flambeau/plot";
