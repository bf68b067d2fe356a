import {
  ArgumentError,
  clone,
  detach,
  eq,
  IndexError,
  indexCopy,
  indexSelect,
  maskedScatter,
  maskedSelect,
  mul,
  ne,
  noGrad,
  nonzero,
  onesLike,
  reshape,
  ShapeError,
  sum,
  type Tensor,
  tidy,
  to,
} from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option, sameShape, show, showShape } from "@flambeau/tensor/plugin";
import { isModule, type Module } from "../../module.ts";
import { Buffer, isParameter, type Parameter } from "../../parameter.ts";
import { fieldOf } from "../fields.ts";
import { parameter, replace } from "../replacing.ts";

/** What a further mask is computed from: the elements that are left, the channels in which any is, or all elements. */
export type PruningType = "unstructured" | "structured" | "global";
export interface PruneApplyOptions {
  /** How much each element counts, in the place of the tensor itself. */
  readonly importanceScores?: Tensor | undefined;
}
const applyKinds: Kinds<PruneApplyOptions> = { importanceScores: option.tensor };
export interface PruneTensorOptions extends PruneApplyOptions {
  /** What was pruned before: zeros there. Default ones. */
  readonly defaultMask?: Tensor | undefined;
}
const pruneKinds: Kinds<PruneTensorOptions> = { ...applyKinds, defaultMask: option.tensor };

/** The masks of parameters as they came to be, by module and key. */
const histories = new WeakMap<Module, Map<string, BasePruningMethod>>();

/**
 * A way of pruning: `computeMask` says which elements stay. Applied to a parameter it moves that to `name_orig`, puts the mask into the buffer
 * `name_mask`, and from there on `module[name]` is `name_orig * name_mask`. Applied to what is pruned already, it prunes what is left.
 *
 * Shapes: the mask has the shape of the tensor.
 *
 * @throws ArgumentError from `apply` when the module has no such parameter; ShapeError when importance scores have another shape.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.BasePruningMethod.html
 * @example
 * import { nn, type Tensor, tensor } from "flambeau";
 * class EveryOther extends nn.utils.prune.BasePruningMethod {
 *   readonly pruningType = "unstructured";
 *   computeMask(t: Tensor, defaultMask: Tensor): Tensor {
 *     const mask = defaultMask.clone();
 *     mask.reshape([-1]).slice(0, 0, undefined, 2).fill_(0);
 *     return mask;
 *   }
 * }
 * new EveryOther().prune(tensor([1, 2, 3, 4])).tolist(); // [0, 2, 0, 4]
 */
export abstract class BasePruningMethod {
  abstract readonly pruningType: PruningType;
  /** The dimension of the channels, of structured ways. */
  readonly dim?: number | undefined;

  /** Zeros for what goes and ones for what stays; zeros of `defaultMask` remain. */
  abstract computeMask(t: Tensor, defaultMask: Tensor): Tensor;

  /** `t` without what is pruned: `t * computeMask(t)`. */
  prune(t: Tensor, options: PruneTensorOptions = option.none): Tensor {
    checkOptions("prune", pruneKinds, options);
    checkTensor("prune", "t", t);
    const { importanceScores = t, defaultMask } = options;
    checkScores(importanceScores, t);
    const mask = noGrad(() => tidy(() => this.computeMask(detach(importanceScores), defaultMask ?? onesLike(t))));
    return mul(t, mask);
  }

  /** Prunes a parameter of a module. Gives what was applied to it in all: this, or a container of all ways. */
  apply(module: Module, name: string, options: PruneApplyOptions = option.none): BasePruningMethod {
    checkOptions("apply", applyKinds, options);
    const { field, key, tensor } = fieldOf("prune", module, name);
    const [orig, mask] = [`${key}_orig`, `${key}_mask`];
    const first = tensor !== null;
    if (first ? !isParameter(tensor) : !Object.hasOwn(module, mask))
      throw new ArgumentError("prune", `${show(name)} of ${module.constructor.name} is no parameter`);
    const history = histories.get(module) ?? new Map<string, BasePruningMethod>();
    const before = first ? undefined : history.get(key);
    const all = first
      ? this
      : new PruningContainer(...(before instanceof PruningContainer ? before : before ? [before] : []), this);
    const made = noGrad(() =>
      tidy(() => {
        const now = detach(first ? tensor : parameter(module, field));
        const { importanceScores = now } = options;
        checkScores(importanceScores, now);
        return new Buffer(
          clone(all.computeMask(detach(importanceScores), first ? onesLike(now) : clone(parameter(module, mask)))),
        );
      }),
    );
    if (first)
      replace(module, field, { [orig]: tensor, [mask]: made }, (self) => {
        const from = parameter(self, orig);
        return mul(from, to(parameter(self, mask), from.dtype));
      });
    else Object.assign(module, { [mask]: made });
    histories.set(module, history.set(key, all));
    return all;
  }
}
function checkScores(scores: Tensor, t: Tensor): void {
  if (!sameShape(scores.shape, t.shape))
    throw new ShapeError(
      "prune",
      `importanceScores must have the shape of the tensor, ${showShape(t.shape)}, got ${showShape(scores.shape)}`,
      [scores.shape, t.shape],
    );
}

/**
 * Ways of pruning that were applied one after another: the mask is that of the last one on what the others left. `apply` makes it where a
 * parameter is pruned again.
 *
 * Shapes: those of the tensors that are pruned.
 *
 * @throws ArgumentError when something else than a way of pruning is added.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.PruningContainer.html
 * @example
 * const { prune } = nn.utils;
 * const layer = new nn.Linear(4, 2);
 * new prune.L1Unstructured(2).apply(layer, "weight");
 * const all = new prune.L1Unstructured(0.5).apply(layer, "weight"); // of the 6 that are left 3 go
 * all instanceof prune.PruningContainer && all.length; // 2
 * layer.weight.eq(0).sum().item(); // 5
 */
export class PruningContainer extends BasePruningMethod {
  private readonly methods: BasePruningMethod[] = [];
  constructor(...methods: readonly BasePruningMethod[]) {
    super();
    for (const method of methods) this.addPruningMethod(method);
  }
  get pruningType(): PruningType {
    return "global";
  }
  /** Adds a way that prunes what is left. */
  addPruningMethod(method: BasePruningMethod): void {
    if (!isPruningMethod(method))
      throw new ArgumentError("PruningContainer", `takes ways of pruning, got ${show(method)}`);
    this.methods.push(method);
  }
  /** How many ways there are. */
  get length(): number {
    return this.methods.length;
  }
  /** The i-th way. @throws IndexError when there is none. */
  get(index: number): BasePruningMethod {
    const found = Number.isInteger(index) ? this.methods.at(index) : undefined;
    if (found === undefined)
      throw new IndexError("PruningContainer", `index ${show(index)} is out of range for ${this.length}`);
    return found;
  }
  [Symbol.iterator](): Iterator<BasePruningMethod> {
    return this.methods[Symbol.iterator]();
  }
  computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const last = this.methods.at(-1);
    if (last === undefined) throw new ArgumentError("PruningContainer", "holds no way of pruning");
    const mask = to(defaultMask, t.dtype);
    if (last.pruningType === "global") return clone(last.computeMask(t, mask));
    if (last.pruningType === "unstructured") {
      const left = eq(mask, 1);
      return maskedScatter(
        mask,
        left,
        to(last.computeMask(maskedSelect(t, left), maskedSelect(mask, left)), mask.dtype),
      );
    }
    if (last.pruningType !== "structured" || last.dim === undefined)
      throw new ArgumentError(
        "PruningContainer",
        `a structured way has a dim, got pruningType ${show(last.pruningType)}`,
      );
    const dim = last.dim < 0 ? last.dim + t.ndim : last.dim;
    const others = t.shape.flatMap((_, d) => (d === dim ? [] : [d]));
    const left = reshape(nonzero(ne(others.length > 0 ? sum(mask, others) : mask, 0)), [-1]);
    const part = last.computeMask(indexSelect(t, dim, left), indexSelect(mask, dim, left));
    return indexCopy(mask, dim, left, to(part, mask.dtype));
  }
}
const isPruningMethod = (x: unknown): x is BasePruningMethod =>
  typeof x === "object" && x !== null && "pruningType" in x && "computeMask" in x;

/** A pruned parameter's fields. */
interface PrunedField {
  readonly key: string;
  readonly field: string;
}
/** The pruned parameters of a module itself. */
export function prunedOf(module: Module): PrunedField[] {
  return module.ownNames().flatMap((name) => {
    if (!name.endsWith("_mask")) return [];
    const key = name.slice(0, -"_mask".length);
    const field = module.fieldOfKey(key);
    const computed = Object.getOwnPropertyDescriptor(module, field)?.get !== undefined;
    return computed && Object.hasOwn(module, `${key}_orig`) ? [{ key, field }] : [];
  });
}

/**
 * Makes pruning last: the parameter takes its pruned value, `weight = weight_orig * weight_mask`, and mask and original are gone. It is the
 * parameter that it was, which optimizers know.
 *
 * Shapes: that of the parameter.
 *
 * @throws ArgumentError when the module has no such pruned parameter.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.remove.html
 * @example
 * const layer = nn.utils.prune.l1Unstructured(new nn.Linear(2, 2), "weight", 0.5);
 * nn.utils.prune.remove(layer, "weight");
 * [...layer.stateDict().keys()]; // ["bias", "weight"]
 */
export function remove<M extends Module>(module: M, name: string): M {
  const { key, field } = fieldOf("remove", module, name);
  if (!prunedOf(module).some((each) => each.key === key))
    throw new ArgumentError("remove", `${show(name)} of ${module.constructor.name} is not pruned`);
  const original = parameter(module, `${key}_orig`) as Parameter; // apply takes nothing else
  noGrad(() => tidy(() => original.setData(parameter(module, field))));
  for (const each of [field, `${key}_orig`, `${key}_mask`]) Reflect.deleteProperty(module, each);
  Object.assign(module, { [field]: original });
  histories.get(module)?.delete(key);
  return module;
}

/**
 * Whether a parameter of a module, or of one below it, is pruned: `isPruned(model)`.
 *
 * Shape: none; a bool comes out.
 *
 * @throws ArgumentError when `module` is no Module.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.is_pruned.html
 * @example
 * const model = new nn.Sequential(new nn.Linear(2, 2));
 * nn.utils.prune.isPruned(model); // false
 * nn.utils.prune.randomUnstructured(model.get(0), "weight", 1);
 * nn.utils.prune.isPruned(model); // true
 */
export function isPruned(module: Module): boolean {
  if (!isModule(module)) throw new ArgumentError("isPruned", `module must be a Module, got ${show(module)}`);
  return [...module.modules()].some((each) => prunedOf(each).length > 0);
}
