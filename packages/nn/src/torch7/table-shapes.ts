import { ArgumentError, cat, IndexError, isTensor, type Tensor, unbind } from "@flambeau/tensor/functional";
import { checkInteger, checkTensor, show } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { quoted, shown } from "../repr.ts";
import { AlongDim } from "./along-dim.ts";
import { batchDim, checkList, checkTensorList, position, type Table } from "./table.ts";

/**
 * Joins a list of tensors along `dim`: `y = cat(x, dim)`. With `nInputDims`, the number of dimensions of one example, a batch (which has
 * one more) is joined along `dim + 1`; a negative `dim` counts from the end.
 *
 * Shapes: a list of [..., size, ...]; [..., sum of the sizes, ...].
 *
 * @throws ArgumentError for what is no list of tensors, or an empty one.
 * @throws ShapeError when another size than that of `dim` differs.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.JoinTable
 * @example
 * const [x, y] = [randn([3, 1]), randn([3, 1])];
 * new JoinTable(0).forward([x, y]).shape; // [6, 1]
 * new JoinTable(1, 2).forward([x, y]).shape; // [3, 2]
 * new JoinTable(1, 2).forward([randn([2, 3, 1]), randn([2, 3, 1])]).shape; // [2, 3, 2]
 */
export class JoinTable extends AlongDim {
  constructor(dim: number, nInputDims?: number) {
    super("JoinTable", dim, nInputDims);
  }
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("JoinTable", x);
    return cat(x, batchDim(this.dim, this.nInputDims, x[0]));
  }
}

/**
 * Splits a tensor along `dim` into a list of its slices: `y[i] = x.select(dim, i)`. With `nInputDims`, the number of dimensions of one
 * example, a batch (which has one more) is split along `dim + 1`; a negative `dim` counts from the end.
 *
 * Shapes: [..., size, ...]; a list of `size` tensors without that dimension, which share the memory of `x`.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.SplitTable
 * @example
 * new SplitTable(1).forward(randn([4, 3])).map((y) => y.shape); // [[4], [4], [4]]
 * new SplitTable(0, 2).forward(randn([2, 4, 3])).map((y) => y.shape); // [[2, 3], [2, 3], [2, 3], [2, 3]]
 */
export class SplitTable extends AlongDim {
  constructor(dim: number, nInputDims?: number) {
    super("SplitTable", dim, nInputDims);
  }
  forward(x: Tensor): Tensor[] {
    checkTensor("SplitTable", "x", x);
    return unbind(x, batchDim(this.dim, this.nInputDims, x));
  }
}

/**
 * Takes one entry of a table: `y = x[index]`. A negative index counts from the end of a list; a string is the name of an entry of an object.
 *
 * Shapes: a list or an object of tensors and tables; the entry.
 *
 * @throws IndexError when there is no such entry; ArgumentError for what is no table.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.SelectTable
 * @example
 * const x = [ones([2, 3]), ones([2, 1])];
 * new SelectTable(0).forward(x).shape; // [2, 3]
 * new SelectTable(-1).forward(x).shape; // [2, 1]
 * new SelectTable("b").forward({ a: ones([1]), b: ones([4]) }).shape; // [4]
 */
export class SelectTable extends Module {
  readonly index: number | string;
  constructor(index: number | string) {
    super();
    if (typeof index !== "string") checkInteger("SelectTable", "index", index);
    this.index = index;
  }
  forward<Y extends Table = Tensor>(x: Table): Y {
    const { index } = this;
    if (typeof index === "number") {
      checkList("SelectTable", x);
      return x[position("SelectTable", index, x.length)] as Y; // the caller knows what is there
    }
    if (typeof x !== "object" || x === null || isTensor(x) || Array.isArray(x))
      throw new ArgumentError("SelectTable", `takes an object of names, got ${show(x)}`);
    if (!Object.hasOwn(x, index))
      throw new IndexError("SelectTable", `there is no entry "${index}"`, `there are: ${Object.keys(x).join(", ")}`);
    return (x as { readonly [name: string]: Table })[index] as Y; // no tensor and no list, as was looked at above
  }
  override extraRepr(): string {
    return typeof this.index === "string" ? quoted(this.index) : shown(this.index);
  }
}

/**
 * Takes `length` entries of a list (1 unless it is given) from `offset` on: `y = x.slice(offset, offset + length)`.
 *
 * Shapes: a list of tensors and tables; a shorter one.
 *
 * @throws IndexError when the list ends before.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.NarrowTable
 * @example
 * const x = [ones([2, 3]), ones([2, 1]), ones([1, 2])];
 * new NarrowTable(1, 2).forward(x).map((y) => y.shape); // [[2, 1], [1, 2]]
 * new NarrowTable(0).forward(x).map((y) => y.shape); // [[2, 3]]
 */
export class NarrowTable extends Module {
  readonly offset: number;
  readonly length: number;
  constructor(offset: number, length = 1) {
    super();
    checkInteger("NarrowTable", "offset", offset, 0);
    checkInteger("NarrowTable", "length", length, 0);
    this.offset = offset;
    this.length = length;
  }
  forward<X extends Table>(x: readonly X[]): X[] {
    checkList("NarrowTable", x);
    const end = this.offset + this.length;
    if (end > x.length)
      throw new IndexError("NarrowTable", `entries ${this.offset} to ${end} of a list of ${x.length}`);
    return x.slice(this.offset, end);
  }
  override extraRepr(): string {
    return shown({ offset: this.offset, length: this.length });
  }
}

/**
 * Makes one list of a table of tables, depth first: `[x, [y, [z]], w] -> [x, y, z, w]`.
 *
 * Shapes: any; the tensors are those that it was given.
 *
 * @throws ArgumentError for what is no list, or holds something else than tensors and lists.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.FlattenTable
 * @example
 * const x = [rand([1]), [rand([2]), [rand([3])]], rand([4])];
 * new FlattenTable().forward(x).map((y) => y.shape); // [[1], [2], [3], [4]]
 */
export class FlattenTable extends Module {
  forward(x: readonly Table[]): Tensor[] {
    checkList("FlattenTable", x);
    const out: Tensor[] = [];
    const visit = (entry: Table): void => {
      if (isTensor(entry)) out.push(entry);
      else {
        checkList("FlattenTable", entry);
        for (const each of entry) visit(each);
      }
    };
    visit(x);
    return out;
  }
}

/**
 * Zips a list of lists: `y[j][i] = x[i][j]`.
 *
 * Shapes: a list of lists; a list as long as the longest of them.
 *
 * @throws ArgumentError for what is no list of lists.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.ZipTable
 * @example
 * const [a1, a2, b1, b2] = [1, 2, 3, 4].map((v) => tensor(v));
 * new ZipTable().forward([[a1, a2], [b1, b2]]).map((y) => y.map((t) => t.item())); // [[1, 3], [2, 4]]
 */
export class ZipTable extends Module {
  forward<X extends Table>(x: readonly (readonly X[])[]): X[][] {
    checkList("ZipTable", x);
    for (const row of x) {
      checkList("ZipTable", row);
      if (row.length !== x[0].length)
        throw new ArgumentError("ZipTable", `lists must be of one length, got ${x.map((r) => r.length).join(" and ")}`);
    }
    return (x[0] ?? []).map((_, j) => x.map((row) => row[j]));
  }
}

/**
 * Puts one entry before each of a list: `[v, [a, b, c]] -> [[v, a], [v, b], [v, c]]`, so `y[i] = [x[0], x[1][i]]`.
 *
 * Shapes: an entry and a list; a list of pairs.
 *
 * @throws ArgumentError for what is no list of two whose second is a list.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.ZipTableOneToMany
 * @example
 * const [v, a, b] = [1, 2, 3].map((n) => tensor(n));
 * new ZipTableOneToMany().forward([v, [a, b]]).map((y) => y.map((t) => t.item())); // [[1, 2], [1, 3]]
 */
export class ZipTableOneToMany extends Module {
  forward<V extends Table, X extends Table>(x: readonly [V, readonly X[]]): [V, X][] {
    checkList("ZipTableOneToMany", x, 2);
    const [one, many] = x as readonly [V, readonly X[]]; // a list of two
    checkList("ZipTableOneToMany", many);
    return many.map((each) => [one, each as X]);
  }
}
