import { FormatError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { checkTextSource, nameOf, type TextSource, textOf } from "../files/text.ts";
import { IterableDataset } from "../stream.ts";
import { type Column, Columns, type CsvOptions, type CsvRecord, type CsvTypes, csvKinds } from "./columns.ts";
import { type Row, RowReader } from "./rows.ts";
import { type CsvTable, tableOf } from "./table.ts";

export interface CsvFileOptions<T extends CsvTypes = CsvTypes> extends CsvOptions<T> {
  /** How the bytes are to be read. Default "utf-8". */
  encoding?: string | undefined;
}
const csvFileKinds: Kinds<CsvFileOptions> = { ...csvKinds, encoding: option.string };

/**
 * The table in a file, at an address, in a Blob or a stream of bytes or text; see {@link parseCsv}.
 *
 * @throws UnavailableError when there is nothing to read; what `parseCsv` throws, and FormatError for bytes that are not of the encoding.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @example
 * import { readCsv } from "@flambeau/data/csv";
 * const table = await readCsv(new Blob(["x,y\n1,2\n3,4\n"]));
 * table.tensor(["y", "x"]).tolist(); // [[2, 1], [4, 3]]
 */
export async function readCsv<const T extends CsvTypes = CsvTypes>(
  source: TextSource,
  options: CsvFileOptions<T> = {},
): Promise<CsvTable<T>> {
  const op = "readCsv";
  checkOptions(op, csvFileKinds, options);
  checkTextSource(op, source);
  const file = nameOf(source);
  const reader = new RowReader(op, file, options);
  const rows: Row[] = [];
  for await (const text of textOf(op, source, options.encoding)) for (const row of reader.push(text)) rows.push(row);
  for (const row of reader.end()) rows.push(row);
  return tableOf(op, file, rows, options);
}

/** So many rows say what columns are that nobody has named. */
const looked = 1000;

/**
 * The rows of a file that is too large to be held, one after the other, as objects; see {@link parseCsv}. Each iteration reads it anew; a stream can be read once.
 *
 * Types that are not given are found from the first 1,000 rows; a later row that does not fit is an error.
 *
 * @throws What {@link readCsv} throws, while it is read; ArgumentError at once for options that are none, or no source.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @example
 * import { DataLoader } from "@flambeau/data";
 * import { CsvDataset } from "@flambeau/data/csv";
 * const rows = new CsvDataset(new Blob(["x,y\n1,2\n3,4\n5,6\n"]), { types: { x: "number", y: "number" } });
 * for await (const { x, y } of new DataLoader(rows.shuffle(1000), { batchSize: 2 })) console.log(x.shape, y.shape);
 * (await Array.fromAsync(rows))[2]; // { x: 5, y: 6 }
 */
export class CsvDataset<const T extends CsvTypes = CsvTypes> extends IterableDataset<CsvRecord<T>> {
  readonly #source: TextSource;
  readonly #options: CsvFileOptions<T>;

  constructor(source: TextSource, options: CsvFileOptions<T> = {}) {
    super();
    checkOptions("CsvDataset", csvFileKinds, options);
    checkTextSource("CsvDataset", source);
    new RowReader("CsvDataset", nameOf(source), options); // refuses signs at once
    this.#source = source;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<CsvRecord<T>> {
    const op = "CsvDataset";
    const options = this.#options;
    const file = nameOf(this.#source);
    const reader = new RowReader(op, file, options);
    let columns: Columns | undefined;
    let typed: readonly Column[] | undefined;
    let waiting: Row[] = [];
    const record = (row: Row): CsvRecord<T> => {
      const fields = (typed ?? []).map((column) => [column.name, columns?.value(row, column) ?? null]);
      return Object.fromEntries(fields) as CsvRecord<T>; // values are made by the columns' types
    };
    const take = (rows: Row[], last: boolean): Row[] => {
      if (!columns && rows.length > 0) {
        columns = new Columns(op, file, rows[0], options);
        if ((options.header ?? true) === true) rows.shift();
      }
      for (const row of rows) columns?.check(row);
      if (typed) return rows;
      waiting.push(...rows);
      if (waiting.length < looked && !last) return [];
      typed = columns?.typed(waiting.slice(0, looked));
      const all = waiting;
      waiting = [];
      return all;
    };
    for await (const text of textOf(op, this.#source, options.encoding))
      for (const row of take(reader.push(text), false)) yield record(row);
    for (const row of take(reader.end(), true)) yield record(row);
    if (!columns) throw new FormatError(file, 0, `${op}: there are no rows`);
  }
}
