// Gathers, scatters, selections; whole numbers, booleans, doubles and halves.
import { embedding, maskedSelect, nonzero, randint, randn, type Tensor, where } from "flambeau";
import { both, type More, op, type ScalingRow } from "./row.ts";

type Parts = { x: Tensor; i: Tensor; v: Tensor };

function ofLength(n: number): ScalingRow[] {
  const asked = (times: number): More => (n === 1_000_000 ? { target: both(times) } : {});
  const row = <P>(name: string, title: string, parts: (all: Parts) => P, call: (p: P) => unknown, more: More = {}) =>
    op(
      `${name}_${n}`,
      `${title}, ${n.toLocaleString("en-US")} elements`,
      () => {
        const p = parts({ x: randn([n]), i: randint(0, n, [n]).to("int64"), v: randn([n]) });
        return () => call(p);
      },
      more,
    );
  const same = (all: Parts) => all;
  const mask = ({ x, v }: Parts) => ({ x, v, m: x.gt(0) });
  return [
    row("gather", "gather", same, ({ x, i }) => x.gather(0, i)),
    row("scatteradd", "scatterAdd", same, ({ x, i, v }) => x.scatterAdd(0, i, v)),
    row("index", "indexSelect", same, ({ x, i }) => x.indexSelect(0, i)),
    row("indexadd", "indexAdd", same, ({ x, i, v }) => x.indexAdd(0, i, v)),
    row("masksel", "maskedSelect", mask, ({ x, m }) => maskedSelect(x, m), asked(1.5)),
    row("nonzero", "nonzero", mask, ({ m }) => nonzero(m), asked(1.5)),
    row("where", "where", mask, ({ x, v, m }) => where(m, x, v)),
    row("gt", "x > 0", same, ({ x }) => x.gt(0)),
    row("boolsum", "sum of booleans", mask, ({ m }) => m.sum()),
    row("i64add", "int64, i + i", same, ({ i }) => i.add(i)),
    row("i64sum", "int64, sum", same, ({ i }) => i.sum()),
    row(
      "i32sum",
      "int32, sum",
      ({ i }) => i.to("int32"),
      (i) => i.sum(),
    ),
    row(
      "f64add",
      "float64, x + x",
      ({ x }) => x.to("float64"),
      (x) => x.add(x),
    ),
    row(
      "f64exp",
      "float64, exp",
      ({ x }) => x.to("float64"),
      (x) => x.exp(),
      asked(2.5),
    ),
    row(
      "f64sum",
      "float64, sum",
      ({ x }) => x.to("float64"),
      (x) => x.sum(),
    ),
    row(
      "f16add",
      "float16, x + x",
      ({ x }) => x.to("float16"),
      (x) => x.add(x),
      { ...asked(2), cycles: (12 * n) / 8 },
    ),
    row(
      "f16exp",
      "float16, exp",
      ({ x }) => x.to("float16"),
      (x) => x.exp(),
      { ...asked(2), cycles: (16 * n) / 8 },
    ),
    row(
      "f16sum",
      "float16, sum",
      ({ x }) => x.to("float16"),
      (x) => x.sum(),
    ),
    row(
      "bf16add",
      "bfloat16, x + x",
      ({ x }) => x.to("bfloat16"),
      (x) => x.add(x),
    ),
    row("tof16", "float32 to float16", same, ({ x }) => x.to("float16")),
    row("tobf16", "float32 to bfloat16", same, ({ x }) => x.to("bfloat16")),
  ];
}

export const indexing: readonly ScalingRow[] = [
  ...[10_000, 1_000_000].flatMap(ofLength),
  op("embedding_8192x128", "8192 rows of a table of 10,000×128", () => {
    const [table, i] = [randn([10_000, 128]), randint(0, 10_000, [8192]).to("int64")];
    return () => embedding(table, i);
  }),
  op("indexadd_rows", "8192 rows added to a table of 10,000×128", () => {
    const [table, i, rows] = [randn([10_000, 128]), randint(0, 10_000, [8192]).to("int64"), randn([8192, 128])];
    return () => table.indexAdd(0, i, rows);
  }),
];
