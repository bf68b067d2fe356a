import { ArgumentError, FormatError } from "@flambeau/tensor/functional";
import { type Kinds, option, show } from "@flambeau/tensor/plugin";
import { type Row, type RowOptions, rowKinds } from "./rows.ts";

/** What the fields of a column are: `"number"` is a float, `"integer"` an exact whole number, `"boolean"` true or false. */
export type CsvType = "number" | "integer" | "boolean" | "string";
/** Types by column. */
export type CsvTypes = { readonly [column: string]: CsvType };
/** A field's value: NaN where a number is missing, null where something else is. */
export type CsvValue<T extends CsvType = CsvType> = T extends "number" | "integer"
  ? number
  : (T extends "boolean" ? boolean : string) | null;
/** A row as an object: with the columns whose types are given, else with any. */
export type CsvRecord<T extends CsvTypes = CsvTypes> = { [K in keyof T]: CsvValue<T[K]> };

/** How a text with columns is read. */
export interface CsvOptions<T extends CsvTypes = CsvTypes> extends RowOptions {
  /** Whether the first row holds the columns' names; or their names, when it does not. Default true; false names them "0", "1"... */
  header?: boolean | readonly string[] | undefined;
  /** Types by column. Those of the others are found from the fields: of the whole text, or of a stream's first 1,000 rows. */
  types?: T | undefined;
  /** The columns that are wanted, in this order. Default: all. */
  columns?: readonly string[] | undefined;
  /** Fields that stand for nothing. Default "", "NA", "NaN" and "null". */
  missing?: readonly string[] | undefined;
}
export const csvKinds: Kinds<CsvOptions> = {
  ...rowKinds,
  header: option.either(option.boolean, option.listOf(option.string)),
  types: option.object,
  columns: option.listOf(option.string),
  missing: option.listOf(option.string),
};

const types: readonly CsvType[] = ["number", "integer", "boolean", "string"];
const numeral = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const infinity = /^[+-]?inf(inity)?$/i;
const whole = /^[+-]?\d+$/;
const truth = /^(true|false)$/i;

/** A column that is read, and where its fields stand in a row. */
export interface Column {
  readonly name: string;
  readonly at: number;
  readonly type: CsvType;
}

/** What is known of columns when the first row is there: names, how many there are, what is wanted. */
export class Columns {
  readonly #op: string;
  readonly #file: string;
  readonly #width: number;
  readonly #wanted: readonly { readonly name: string; readonly at: number; readonly type: CsvType | undefined }[];
  readonly #missing: ReadonlySet<string>;

  /** @throws FormatError when names are given twice, ArgumentError for options that name columns or types which are not there. */
  constructor(op: string, file: string, first: Row, options: CsvOptions) {
    const { header = true, types: given = {} as CsvTypes, missing = ["", "NA", "NaN", "null"] } = options;
    const names = header === true ? first.fields : header === false ? first.fields.map((_, i) => `${i}`) : header;
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined)
      throw new FormatError(file, first.offset, `${op}: line ${first.line}: two columns are named ${show(twice)}`);
    this.#op = op;
    this.#file = file;
    this.#width = names.length;
    const { columns = names } = options;
    for (const name of [...columns, ...Object.keys(given)])
      if (!names.includes(name))
        throw new ArgumentError(op, `there is no column ${show(name)}, there are ${show([...names])}`);
    for (const [name, type] of Object.entries(given))
      if (!types.includes(type))
        throw new ArgumentError(
          op,
          `the type of column ${show(name)} must be one of ${show(types)}, got ${show(type)}`,
        );
    this.#wanted = columns.map((name) => ({ name, at: names.indexOf(name), type: given[name] }));
    this.#missing = new Set(missing);
  }

  /** @throws FormatError when a row has more or fewer fields than there are columns. */
  check(row: Row): void {
    if (row.fields.length !== this.#width)
      throw new FormatError(
        this.#file,
        row.offset,
        `${this.#op}: line ${row.line}: ${row.fields.length} fields, expected ${this.#width}`,
        row.fields.length === 1 ? "is the delimiter another one?" : undefined,
      );
  }

  /** The columns with their types: those given, else the narrowest that all fields of `rows` have. */
  typed(rows: readonly Row[]): readonly Column[] {
    return this.#wanted.map(({ name, at, type }) => ({ name, at, type: type ?? this.#typeOf(rows, at) }));
  }
  #typeOf(rows: readonly Row[], at: number): CsvType {
    const fields = rows.map((row) => row.fields[at].trim()).filter((field) => !this.#missing.has(field));
    if (fields.length === 0) return "string";
    if (fields.every((field) => whole.test(field) && Number.isSafeInteger(Number(field)))) return "integer";
    if (fields.every((field) => numeral.test(field) || infinity.test(field))) return "number";
    return fields.every((field) => truth.test(field)) ? "boolean" : "string";
  }

  /** The value of a row's field. @throws FormatError, with line and column, for a field that is not of the column's type. */
  value(row: Row, { name, at, type }: Column): CsvValue {
    const field = row.fields[at];
    if (type === "string") return this.#missing.has(field) ? null : field;
    const text = field.trim();
    if (this.#missing.has(text)) return type === "number" || type === "integer" ? Number.NaN : null;
    if (type === "number") {
      if (numeral.test(text)) return Number(text);
      if (infinity.test(text)) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    } else if (type === "integer") {
      const value = Number(text);
      if (whole.test(text) && Number.isSafeInteger(value)) return value;
    } else if (truth.test(text)) return text.toLowerCase() === "true";
    throw new FormatError(
      this.#file,
      row.offset,
      `${this.#op}: line ${row.line}, column ${at + 1} (${show(name)}): ${show(field.slice(0, 80))} is no ${type}`,
      `name it in missing if it stands for nothing, or say { types: { ${show(name)}: "string" } }`,
    );
  }
}
