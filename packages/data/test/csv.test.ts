import "./backend.ts";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ArgumentError, FormatError, type Tensor } from "@flambeau/tensor";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CsvDataset, type CsvOptions, parseCsv, readCsv } from "../src/csv/index.ts";
import { DataLoader } from "../src/index.ts";

const all = <T>(stream: AsyncIterable<T>) => Array.fromAsync(stream);
const records = (text: string, options?: CsvOptions) => {
  const table = parseCsv(text, options);
  return Array.from({ length: table.length }, (_, i) => table.get(i));
};
/** A stream that gives `text` in pieces of `size` bytes. */
async function* pieces(text: string, size: number) {
  const bytes = new TextEncoder().encode(text);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-csv-"));
});
afterEach(() => rm(folder, { recursive: true }));

// RFC 4180, section 2, numbers its rules
describe("RFC 4180", () => {
  const options = { header: false } as const;
  const rows = (text: string) => records(text, options).map((record) => Object.values(record));
  it.each<[string, string, unknown[][]]>([
    [
      "1: records on lines of their own",
      "aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n",
      [
        ["aaa", "bbb", "ccc"],
        ["zzz", "yyy", "xxx"],
      ],
    ],
    [
      "2: the last line may have no end",
      "aaa,bbb,ccc\r\nzzz,yyy,xxx",
      [
        ["aaa", "bbb", "ccc"],
        ["zzz", "yyy", "xxx"],
      ],
    ],
    ["4: spaces are part of a field", " a , b\n", [[" a ", " b"]]],
    [
      "5: fields may be quoted",
      '"aaa","bbb","ccc"\r\nzzz,yyy,xxx',
      [
        ["aaa", "bbb", "ccc"],
        ["zzz", "yyy", "xxx"],
      ],
    ],
    [
      "6: quoted fields hold anything",
      '"aaa","b\r\nbb","c,c"\r\nzzz,yyy,xxx',
      [
        ["aaa", "b\r\nbb", "c,c"],
        ["zzz", "yyy", "xxx"],
      ],
    ],
    ["7: a quote is doubled", '"aaa","b""bb","ccc"', [["aaa", 'b"bb', "ccc"]]],
  ])("%s", (_, text, expected) => {
    expect(rows(text)).toEqual(expected);
  });
  it("3: the first line may be a header", () => {
    expect(records("f,g\r\naaa,bbb\r\n")).toEqual([{ f: "aaa", g: "bbb" }]);
  });

  it("is what comes back, whatever was written and in whatever pieces", async () => {
    const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", "😀", "#"), maxLength: 6 });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
      );
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.integer({ min: 1, max: 9 }),
        async (rows, end, size) => {
          const text = rows
            .map((row) => row.map((each) => (/[",\r\n]/.test(each) ? quoted(each) : each)).join(",") + end)
            .join("");
          const options = {
            header: rows[0].map((_, i) => `${i}`),
            missing: [],
            types: Object.fromEntries(rows[0].map((_, i) => [`${i}`, "string" as const])),
          };
          const expected = rows.map((row) => Object.fromEntries(row.map((each, i) => [`${i}`, each])));
          expect(records(text, options)).toEqual(expected);
          expect(await all(new CsvDataset(pieces(text, size), options))).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("parseCsv", () => {
  it("finds types, the narrowest that all fields of a column have", () => {
    const table = parseCsv("i,n,b,s,none,mixed\n1,2,true,x,,1\n-3,1e-3,FALSE,NA,NA,true\n,inf,,3,null,2\n");
    expect(table.types).toEqual({
      i: "integer",
      n: "number",
      b: "boolean",
      s: "string",
      none: "string",
      mixed: "string",
    });
    expect(table.column("i")).toEqual([1, -3, Number.NaN]);
    expect(table.column("n")).toEqual([2, 0.001, Number.POSITIVE_INFINITY]);
    expect(table.column("b")).toEqual([true, false, null]);
    expect(table.column("s")).toEqual(["x", null, "3"]);
    expect(table.column("none")).toEqual([null, null, null]);
    // 2^53 + 1 is no number of JavaScript's
    expect(parseCsv("big\n9007199254740993\n").types).toEqual({ big: "number" });
  });

  it("takes delimiters, quotes, escapes, comments and names of one's own", () => {
    expect(records("a\tb\n1\t2\n", { delimiter: "\t" })).toEqual([{ a: 1, b: 2 }]);
    expect(records("a::b\n1::'x::y'\n", { delimiter: "::", quote: "'" })).toEqual([{ a: 1, b: "x::y" }]);
    expect(records('a,b\n1,"x\\"y"\n', { escape: "\\" })).toEqual([{ a: 1, b: 'x"y' }]);
    expect(records("# one\na,b\n# two\n1,2\n\n3,4\n# end", { comment: "#" })).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    expect(records("1,2\n", { header: ["x", "y"], columns: ["y"] })).toEqual([{ y: 2 }]);
    expect(records("\uFEFFa,b\n?,2\n", { missing: ["?"], types: { a: "number" } })).toEqual([{ a: Number.NaN, b: 2 }]);
  });

  it("makes tensors and classes", () => {
    const table = parseCsv("x,y,kind,on\n1,0.5,b,true\n2,NA,a,false\n3,2.5,b,true\n");
    expect(table.tensor().tolist()).toEqual([
      [1, 0.5, 1],
      [2, Number.NaN, 0],
      [3, 2.5, 1],
    ]);
    const x = table.tensor("x", { dtype: "int32" });
    expect([x.tolist(), x.dtype, x.shape]).toEqual([[1, 2, 3], "int32", [3]]);
    expect(table.tensor(["y", "x"]).shape).toEqual([3, 2]);
    const { labels, classes } = table.classes("kind");
    expect([labels.tolist(), labels.dtype, classes]).toEqual([[1, 0, 1], "int32", ["a", "b"]]);
    expect(() => table.tensor("kind")).toThrow('CsvTable.tensor: column "kind" holds strings');
    expect(() => table.tensor("y", { dtype: "int32" })).toThrow('row 1 of column "y" is missing, and int32 has no NaN');
    expect(() => table.classes("y")).toThrow('CsvTable.classes: row 1 of column "y" is missing');
    expect(() => table.column("z")).toThrow('CsvTable.column: there is no column "z"');
    expect(() => table.get(3)).toThrow("CsvTable.get: index 3 is out of range for 3 samples");
  });

  it.each<[string, string, CsvOptions | undefined, string, number]>([
    [
      "a field of another type",
      "é,b\n1,2\n3,x\n",
      { types: { b: "number" } },
      'csv: parseCsv: line 3, column 2 ("b"): "x" is no number (at byte 9)',
      9,
    ],
    ["a fraction", 'a\n"1\n\n"\n1.5\n', { types: { a: "integer" } }, 'line 5, column 1 ("a"): "1.5" is no integer', 8],
    ["a wrong boolean", "a\nyes\n", { types: { a: "boolean" } }, 'line 2, column 1 ("a"): "yes" is no boolean', 2],
    ["too few fields", "a,b\n1,2\n3\n", undefined, "line 3: 1 fields, expected 2", 8],
    ["too many fields", "a,b\n\n# x\n1,2,3\n", { comment: "#" }, "line 4: 3 fields, expected 2", 9],
    ["a quote that does not end", 'a,b\n1,"2\n3,4\n', undefined, "line 2, character 3: a quoted field does not end", 7],
    ["text behind a quote", 'a,b\n"1"x,2\n', undefined, "line 2, character 1: text behind the closing quote", 5],
    ["two columns of one name", "a,a\n1,2\n", undefined, 'line 1: two columns are named "a"', 0],
    ["nothing", "\n\n", undefined, "there are no rows", 0],
  ])("names line and column of %s", (_, text, options, message, offset) => {
    expect(() => parseCsv(text, options)).toThrow(FormatError);
    expect(() => parseCsv(text, options)).toThrow(message);
    try {
      parseCsv(text, options);
    } catch (error) {
      expect((error as FormatError).offset).toBe(offset);
    }
  });

  it.each<[CsvOptions, string]>([
    [{ delimiter: "" }, 'delimiter must be no line end and not empty, got ""'],
    [{ delimiter: '"' }, "delimiter, quote and comment must be different signs"],
    [{ quote: "''" }, "quote must be one character"],
    [{ types: { c: "number" } }, 'there is no column "c"'],
    [{ types: { a: "float" as "number" } }, 'the type of column "a" must be one of'],
    [{ columns: ["b", "c"] }, 'there is no column "c"'],
    [{ header: "a" as never }, "the option header is a boolean or a list of strings"],
    [{ separator: ";" } as CsvOptions, 'there is no option "separator"'],
  ])("refuses %j", (options, message) => {
    expect(() => parseCsv("a,b\n1,2\n", options)).toThrow(ArgumentError);
    expect(() => parseCsv("a,b\n1,2\n", options)).toThrow(message);
  });
});

describe("readCsv and CsvDataset", () => {
  const text = 'name,x\n"a\n1",1\nb,2.5\n';
  const expected = [
    { name: "a\n1", x: 1 },
    { name: "b", x: 2.5 },
  ];

  it("read paths, addresses, Blobs and streams of bytes or text", async () => {
    const path = join(folder, "table.csv");
    await writeFile(path, text);
    const sources = [
      path,
      pathToFileURL(path),
      pathToFileURL(path).href,
      `data:text/csv,${encodeURIComponent(text)}`,
      new Blob([text]),
      () => new Blob([text]).stream(),
      () => pieces(text, 3),
      async function* () {
        yield text.slice(0, 5);
        yield text.slice(5);
      },
    ];
    for (const source of sources) {
      const make = () => (typeof source === "function" ? source() : source);
      const table = await readCsv(make());
      expect([table.get(0), table.get(1)]).toEqual(expected);
      expect(await all(new CsvDataset(make()))).toEqual(expected);
    }
  });

  it("read other encodings, and say where bytes are none", async () => {
    const latin = new Blob([new Uint8Array([0x61, 0x0a, 0xe9, 0x0a])]); // "a\né\n"
    expect((await readCsv(latin, { encoding: "windows-1252" })).get(0)).toEqual({ a: "é" });
    await expect(readCsv(latin)).rejects.toThrow("blob: readCsv: bytes that are no utf-8");
    await expect(readCsv(latin, { encoding: "klingon" })).rejects.toThrow('there is no encoding "klingon"');
  });

  it("say what cannot be read", async () => {
    await expect(readCsv(join(folder, "none.csv"))).rejects.toMatchObject({ name: "UnavailableError" });
    await expect(readCsv(3 as never)).rejects.toThrow(
      "the source must be a path, an address, a Blob or a stream, got 3",
    );
    expect(() => new CsvDataset("")).toThrow("CsvDataset: the source must be a path");
    const stream = new Blob([text]).stream();
    const rows = new CsvDataset(stream);
    await all(rows.take(1));
    await expect(all(rows)).rejects.toMatchObject({ name: expect.stringMatching(/UnavailableError|FormatError/) });
    await expect(all(new CsvDataset(new Blob([])))).rejects.toThrow("blob: CsvDataset: there are no rows");
  });

  it("a stream of rows is loaded in batches, each time anew", async () => {
    const rows = new CsvDataset(new Blob(["x,y\n1,a\n2,b\n3,c\n"]));
    for (let pass = 0; pass < 2; pass++) {
      const batches: unknown[] = [];
      for await (const { x, y } of new DataLoader(rows, { batchSize: 2 })) batches.push([(x as Tensor).tolist(), y]);
      expect(batches).toEqual([
        [
          [1, 2],
          ["a", "b"],
        ],
        [[3], ["c"]],
      ]);
    }
  });

  it("a stream's types are those of its first 1,000 rows, and a later row that differs is an error with its line", async () => {
    const lines = Array.from({ length: 1500 }, (_, i) => `${i}`);
    lines[1200] = "many";
    const rows = new CsvDataset(new Blob([`n\n${lines.join("\n")}\n`]));
    let seen = 0;
    await expect(
      (async () => {
        for await (const { n } of rows) expect(n).toBe(seen++);
      })(),
    ).rejects.toThrow('line 1202, column 1 ("n"): "many" is no integer');
    expect(seen).toBe(1200);
  });

  it("lines are counted over all pieces of a text", async () => {
    const text = `a,b\n${'1,"x\ny"\n'.repeat(30_000)}`;
    const far = all(new CsvDataset(pieces(`${text}2,"z\n\n"!\n3,4\n`, 1 << 14)));
    await expect(far).rejects.toThrow("stream: CsvDataset: line 60002, character 3: text behind the closing quote");
    await expect(far).rejects.toMatchObject({ offset: text.length + 3 });
    const wide = all(new CsvDataset(pieces(`${text}1,2,3\n`, 1 << 14)));
    await expect(wide).rejects.toThrow("line 60002: 3 fields, expected 2");
    await expect(wide).rejects.toMatchObject({ offset: text.length });
  });

  it("a large text is not held: its source is read as rows are taken, and closed when no more are", async () => {
    let given = 0;
    let closed = false;
    async function* endless() {
      try {
        yield "x\n";
        for (;;) {
          given += 1e5;
          yield "12345\n".repeat(1e5 / 5);
        }
      } finally {
        closed = true;
      }
    }
    const rows = new CsvDataset(endless()).take(200_000);
    let sum = 0;
    for await (const { x } of rows) sum += x as number;
    expect(sum).toBe(200_000 * 12_345);
    expect([closed, given < 2e6]).toEqual([true, true]);
  });

  it("a quoted field of megabytes takes time in proportion to its length", async () => {
    const long = "line\n".repeat(1e6);
    const table = await readCsv(pieces(`a,b\n"${long}",1\n`, 1 << 14));
    expect(table.get(0)).toEqual({ a: long, b: 1 });
  });
});
