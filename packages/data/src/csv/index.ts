export type { TextSource } from "../files/text.ts";
export type { CsvOptions, CsvRecord, CsvType, CsvTypes, CsvValue } from "./columns.ts";
export type { RowOptions } from "./rows.ts";
export { CsvDataset, type CsvFileOptions, readCsv } from "./stream.ts";
export { CsvTable, type CsvTensorOptions, parseCsv } from "./table.ts";
