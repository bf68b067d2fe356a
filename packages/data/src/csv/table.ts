import { ArgumentError, type DType, FormatError, type Tensor, tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { checkIndex, type Dataset } from "../dataset.ts";
import {
  type Column,
  Columns,
  type CsvOptions,
  type CsvRecord,
  type CsvType,
  type CsvTypes,
  type CsvValue,
  csvKinds,
} from "./columns.ts";
import { type Row, RowReader } from "./rows.ts";

export interface CsvTensorOptions {
  /** Default "float32". */
  dtype?: DType | undefined;
}
const csvTensorKinds: Kinds<CsvTensorOptions> = { dtype: option.dtype };

/**
 * A table of columns, as a data set of its rows: `get(i)` is row i as an object.
 *
 * Numbers that are missing are NaN, other values null.
 *
 * @throws IndexError from `get` for a row that is not there; ArgumentError for a column that is not there or is of another type.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @example
 * import { parseCsv } from "@flambeau/data/csv";
 * const table = parseCsv("age,name\n31,Ann\n,Bob\n");
 * table.get(0); // { age: 31, name: "Ann" }
 * table.column("name"); // ["Ann", "Bob"]
 */
export class CsvTable<T extends CsvTypes = CsvTypes> implements Dataset<CsvRecord<T>> {
  readonly length: number;
  /** Their names. */
  readonly columns: readonly string[];
  readonly types: { readonly [column: string]: CsvType };
  readonly #values: ReadonlyMap<string, readonly CsvValue[]>;

  /** @internal */
  constructor(length: number, columns: readonly Column[], values: ReadonlyMap<string, readonly CsvValue[]>) {
    this.length = length;
    this.columns = columns.map(({ name }) => name);
    this.types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    this.#values = values;
  }
  get(index: number): CsvRecord<T> {
    checkIndex("CsvTable.get", index, this.length);
    const fields = this.columns.map((name) => [name, this.#column("CsvTable.get", name)[index]]);
    return Object.fromEntries(fields) as CsvRecord<T>; // values were made by the columns' types
  }
  /** A column's values. */
  column(name: string): readonly CsvValue[] {
    return this.#column("CsvTable.column", name);
  }
  /**
   * Columns of numbers and booleans side by side, [rows, columns]; of one name the column, [rows]. Default: all such columns.
   *
   * What is missing is NaN, which an integer dtype does not have.
   *
   * @throws ArgumentError for columns of strings, and missing values with an integer dtype: it says in which row.
   */
  tensor(columns?: string | readonly string[], options: CsvTensorOptions = {}): Tensor {
    const op = "CsvTable.tensor";
    checkOptions(op, csvTensorKinds, options);
    const { dtype = "float32" } = options;
    if (columns !== undefined && typeof columns !== "string" && !Array.isArray(columns))
      throw new ArgumentError(op, `columns are given by their names, got ${show(columns)}`);
    const names =
      typeof columns === "string"
        ? [columns]
        : (columns ?? this.columns.filter((name) => this.types[name] !== "string"));
    const holdsNaN = dtype.startsWith("float") || dtype === "bfloat16";
    const numbers = new Float64Array(this.length * names.length);
    names.forEach((name, c) => {
      const values = this.#column(op, name);
      if (this.types[name] === "string")
        throw new ArgumentError(op, `column ${show(name)} holds strings`, "classes(name) numbers them");
      values.forEach((value, r) => {
        const number = value === null ? Number.NaN : Number(value);
        if (!holdsNaN && Number.isNaN(number))
          throw new ArgumentError(op, `row ${r} of column ${show(name)} is missing, and ${dtype} has no NaN`);
        numbers[r * names.length + c] = number;
      });
    });
    const shape = typeof columns === "string" ? [this.length] : [this.length, names.length];
    return tensor(numbers, { dtype, shape });
  }
  /**
   * A column's values as numbers from 0, in the order of the sorted values: labels [rows] (int32), and the values by label.
   *
   * @throws ArgumentError when a value is missing: it says in which row.
   */
  classes(name: string): { labels: Tensor; classes: readonly CsvValue[] } {
    const op = "CsvTable.classes";
    const values = this.#column(op, name);
    const missing = values.findIndex((value) => value === null || Number.isNaN(value));
    if (missing >= 0) throw new ArgumentError(op, `row ${missing} of column ${show(name)} is missing`);
    const classes = [...new Set(values)].sort((a, b) => (a! < b! ? -1 : 1)); // none is null, by the check before
    const labels = new Map(classes.map((value, i) => [value, i]));
    return { labels: tensor(Int32Array.from(values, (value) => labels.get(value)!)), classes }; // all are in it
  }
  #column(op: string, name: string): readonly CsvValue[] {
    const values = this.#values.get(name);
    if (!values) throw new ArgumentError(op, `there is no column ${show(name)}, there are ${show(this.columns)}`);
    return values;
  }
}

/**
 * The table in a text of comma-separated values (RFC 4180): fields in quotes may hold delimiters, line ends and doubled quotes; lines may end in any way; blank ones are passed over.
 *
 * @throws FormatError with line and column for a field that is not of its column's type, a row with more or fewer fields than there are columns, quotes that do not end, two columns of one
 * name and a text without rows. ArgumentError for options that are none, or name columns that are not there.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @example
 * import { parseCsv } from "@flambeau/data/csv";
 * const table = parseCsv("x;y;kind\n1;0.5;a\n2;NA;b\n", { delimiter: ";" });
 * table.types; // { x: "integer", y: "number", kind: "string" }
 * table.tensor().tolist(); // [[1, 0.5], [2, NaN]]
 * table.classes("kind").labels.tolist(); // [0, 1]
 */
export function parseCsv<const T extends CsvTypes = CsvTypes>(text: string, options: CsvOptions<T> = {}): CsvTable<T> {
  const op = "parseCsv";
  checkOptions(op, csvKinds, options);
  if (typeof text !== "string")
    throw new ArgumentError(op, `the text must be a string, got ${show(text)}`, "readCsv() reads files");
  const reader = new RowReader(op, "csv", options);
  return tableOf(op, "csv", [...reader.push(text), ...reader.end()], options);
}

/** The table of all rows of a file. */
export function tableOf<T extends CsvTypes>(
  op: string,
  file: string,
  rows: readonly Row[],
  options: CsvOptions<T>,
): CsvTable<T> {
  if (rows.length === 0) throw new FormatError(file, 0, `${op}: there are no rows`);
  const columns = new Columns(op, file, rows[0], options);
  const body = (options.header ?? true) === true ? rows.slice(1) : rows;
  for (const row of body) columns.check(row);
  const typed = columns.typed(body);
  const values = new Map(typed.map((column) => [column.name, body.map((row) => columns.value(row, column))]));
  return new CsvTable(body.length, typed, values);
}
