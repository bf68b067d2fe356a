import { ArgumentError, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import type { Module } from "../module.ts";
import { Container } from "./container.ts";
import { checkList, type Table } from "./table.ts";

/**
 * Applies each of its modules to the same input, and gives the list of their results: `y[i] = m[i](x)`.
 *
 * Shapes: what each module takes, a tensor or a table; a list with what each gives.
 *
 * @throws ArgumentError for what is no module.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.ConcatTable
 * @example
 * const both = new ConcatTable(new nn.Linear(5, 2), new nn.Linear(5, 3));
 * both.forward(randn([5])).map((y) => y.shape); // [[2], [3]]
 */
export class ConcatTable extends Container {
  constructor(...modules: readonly Module[]) {
    super(modules);
  }
  forward<Y extends Table = Tensor>(x: Table): Y[] {
    return [...this.children()].map((m) => m.forward(x) as Y); // the caller knows what they give
  }
}

/**
 * Applies its i-th module to the i-th entry of a list: `y[i] = m[i](x[i])`.
 *
 * Shapes: a list with what each module takes; a list with what each gives.
 *
 * @throws ArgumentError for what is no module, and when the list has fewer entries than there are modules.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.ParallelTable
 * @example
 * const each = new ParallelTable(new nn.Linear(10, 2), new nn.Linear(5, 3));
 * each.forward([randn([10]), rand([5])]).map((y) => y.shape); // [[2], [3]]
 */
export class ParallelTable extends Container {
  constructor(...modules: readonly Module[]) {
    super(modules);
  }
  forward<Y extends Table = Tensor>(x: readonly Table[]): Y[] {
    checkList("ParallelTable", x);
    const modules = [...this.children()];
    if (x.length < modules.length)
      throw new ArgumentError("ParallelTable", `has ${modules.length} modules and got a list of ${x.length}`);
    return modules.map((m, i) => m.forward(x[i]) as Y); // the caller knows what they give
  }
}

export interface MapTableOptions {
  /** Whether one module serves all entries (default true); otherwise each has a copy of its own, made when it is first needed. */
  readonly shared?: boolean | undefined;
}
const mapKinds: Kinds<MapTableOptions> = { shared: option.boolean };

/**
 * Applies one module to every entry of a list: `y[i] = m(x[i])`. With `shared: false` each entry has a copy, `y[i] = m[i](x[i])`, that
 * learns by itself; `resize(n)` makes n of them, so that an optimizer can be given their parameters.
 *
 * Shapes: a list of what the module takes; a list of what it gives.
 *
 * @throws ArgumentError for what is no module, a second module or what is no list.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.MapTable
 * @example
 * const map = new MapTable(new nn.Linear(10, 3));
 * map.forward([rand([10]), rand([10])]).map((y) => y.shape); // [[3], [3]]
 * [...map.parameters()].length; // 2
 * const own = new MapTable(new nn.Linear(10, 3), { shared: false });
 * [...own.resize(3).parameters()].length; // 6
 */
export class MapTable extends Container {
  readonly shared: boolean;
  constructor(module?: Module, options: MapTableOptions = {}) {
    super();
    checkOptions("MapTable", mapKinds, options);
    this.shared = options.shared ?? true;
    if (module !== undefined) this.add(module);
  }
  override add(module: Module): this {
    if (this.size() > 0) throw new ArgumentError("MapTable", "has its module already: it is one for all entries");
    return super.add(module);
  }
  /** Makes copies until there are n modules, or forgets the last ones. Where one is shared there is nothing to do. */
  resize(n: number): this {
    checkInteger("MapTable.resize", "n", n, 1);
    if (this.shared) return this;
    for (let i = this.size(); i < n; i++) super.add(this.get(0).clone());
    for (let i = this.size() - 1; i >= n; i--) Reflect.deleteProperty(this, String(i));
    return this;
  }
  forward<Y extends Table = Tensor>(x: readonly Table[]): Y[] {
    checkList("MapTable", x);
    if (this.size() < x.length) this.resize(x.length);
    const modules = [...this.children()];
    return x.map((entry, i) => modules[this.shared ? 0 : i].forward(entry) as Y); // the caller knows what it gives
  }
}
