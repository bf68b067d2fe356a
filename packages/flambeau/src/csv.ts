// Tables of comma-separated values: `import { readCsv } from "flambeau/csv"`.
export * from "@flambeau/data/csv";
