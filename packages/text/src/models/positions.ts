import { Buffer, init, Module, Parameter } from "@flambeau/nn";
import {
  ArgumentError,
  add,
  cat,
  type DType,
  embedding,
  empty,
  flatten,
  mul,
  narrow,
  ShapeError,
  select,
  stack,
  sub,
  type Tensor,
  tensor,
  unflatten,
  unsqueeze,
} from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  scoped,
  showShape,
  unscoped,
} from "@flambeau/tensor/plugin";

/** Where tokens stand: one after the other from `offset` on, or as `positions` says. */
export interface PositionOptions {
  /** Position of the first one (default 0). */
  readonly offset?: number | undefined;
  /** [B, T], int32: the position of each. Default: `offset` and what follows. */
  readonly positions?: Tensor | null | undefined;
}
const positionKinds: Kinds<PositionOptions> = { offset: option.number, positions: option.orNull(option.tensor) };

export interface PositionTableOptions {
  /** Default: the default dtype. */
  readonly dtype?: DType | undefined;
  /** Default: the default device. */
  readonly device?: string | undefined;
}
const tableKinds: Kinds<PositionTableOptions> = { dtype: option.dtype, device: option.string };

/** Rows of a table [length, width]: [T, width], or [B, T, width] where each token has a position of its own. */
function rowsOf(op: string, table: Tensor, count: number, options: PositionOptions): Tensor {
  const { offset = 0, positions = null } = options;
  if (positions) return embedding(table, positions);
  checkInteger(op, "offset", offset, 0);
  if (offset + count > table.shape[0])
    throw new ArgumentError(op, `there are ${table.shape[0]} positions, got ${count} tokens from ${offset} on`);
  return narrow(table, 0, offset, count);
}
/** `x` [B, T, width] and the rows of its tokens. */
function added(op: string, table: Tensor, x: Tensor, options: PositionOptions): Tensor {
  checkOptions(op, positionKinds, options);
  checkTensor(op, "x", x);
  if (x.ndim !== 3 || x.shape[2] !== table.shape[1])
    throw new ShapeError(op, `expected [B, T, ${table.shape[1]}], got ${showShape(x.shape)}`, [x.shape]);
  const run = () => add(x, rowsOf(op, table, x.shape[1], options));
  return unscoped() ? scoped(run) : run();
}
function checkSizes(op: string, length: number, width: number): void {
  checkInteger(op, "length", length, 1);
  checkInteger(op, "width", width, 1);
}

/**
 * A learned vector for each position, which is added: `y[:, t] = x[:, t] + weight[offset + t]`.
 *
 * Shape: that of `x`, [B, T, width]. Parameter: `weight` [length, width], standard normal, as that of `nn.Embedding`. Dtype: that of both.
 *
 * @throws ArgumentError when sizes are no positive integers, or there are not as many positions as tokens.
 * @throws ShapeError when `x` is not [B, T, width].
 * @throws IndexError when one of `positions` is not in the table.
 * @see Radford et al., "Improving Language Understanding by Generative Pre-Training", 2018
 * @example
 * import { zeros } from "flambeau";
 * const table = new LearnedPositions(8, 2);
 * const y = table.forward(zeros([1, 3, 2]), { offset: 4 });
 * y.at(0, 0).equal(table.weight.at(4)); // true
 */
export class LearnedPositions extends Module {
  weight: Parameter;
  constructor(length: number, width: number, options: PositionTableOptions = {}) {
    super();
    checkOptions("LearnedPositions", tableKinds, options);
    checkSizes("LearnedPositions", length, width);
    this.weight = new Parameter(empty([length, width], options));
    init.normal_(this.weight);
  }
  forward(x: Tensor, options: PositionOptions = option.none): Tensor {
    return added("LearnedPositions", this.weight, x, options);
  }
  override extraRepr(): string {
    return this.weight.shape.join(", ");
  }
}

/**
 * Sines and cosines of each position, which are added: `y[:, t, 2i] = x[:, t, 2i] + sin(p / 10000^(2i / width))` and
 * `y[:, t, 2i + 1] = x[:, t, 2i + 1] + cos(p / 10000^(2i / width))` with `p = offset + t`.
 *
 * Shape: that of `x`, [B, T, width]. Buffer: `table` [length, width], which is no part of the state. Dtype: that of both.
 *
 * @throws ArgumentError when sizes are no positive integers, or there are not as many positions as tokens.
 * @throws ShapeError when `x` is not [B, T, width].
 * @throws IndexError when one of `positions` is not in the table.
 * @see Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762
 * @example
 * import { zeros } from "flambeau";
 * new SinusoidalPositions(8, 4).forward(zeros([1, 2, 4])).tolist(); // [[[0, 1, 0, 1], [0.8415, 0.5403, 0.0100, 0.9999]]]
 */
export class SinusoidalPositions extends Module {
  readonly table: Buffer;
  constructor(length: number, width: number, options: PositionTableOptions = {}) {
    super();
    checkOptions("SinusoidalPositions", tableKinds, options);
    checkSizes("SinusoidalPositions", length, width);
    const wave = (position: number, i: number): number => {
      const angle = position / 10_000 ** ((i - (i % 2)) / width);
      return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    };
    this.table = new Buffer(tableOf(length, width, wave, options), false);
  }
  forward(x: Tensor, options: PositionOptions = option.none): Tensor {
    return added("SinusoidalPositions", this.table, x, options);
  }
  override extraRepr(): string {
    return this.table.shape.join(", ");
  }
}
function tableOf(
  length: number,
  width: number,
  value: (position: number, i: number) => number,
  options: PositionTableOptions,
): Tensor {
  const values = Array.from({ length }, (_, p) => Array.from({ length: width }, (_, i) => value(p, i)));
  return tensor(values, { dtype: options.dtype, device: options.device });
}

export interface RotaryOptions extends PositionTableOptions {
  /** Angles are `position / base^(2i / width)`. Default 10000. */
  readonly base?: number | undefined;
  /** What is turned together are features 2i and 2i + 1, as in the paper, and not i and i + width / 2, as in LLaMA's files. Default false. */
  readonly interleaved?: boolean | undefined;
}
const rotaryKinds: Kinds<RotaryOptions> = { base: option.number, interleaved: option.boolean, ...tableKinds };
/**
 * Turns pairs of features of queries and keys by angles that grow with the position, so that their products depend on distances alone:
 * `y[a] = x[a] * cos(p * w_i) - x[b] * sin(p * w_i)`, `y[b] = x[b] * cos(p * w_i) + x[a] * sin(p * w_i)` with `w_i = base^(-2i / width)`, for
 * the pairs `(a, b) = (i, i + width / 2)`, or `(2i, 2i + 1)` with `interleaved`.
 *
 * Shape: that of `x`, [B, heads, T, width], with an even width. Buffers: `cos` and `sin` [length, width / 2], no part of the state. Dtype: that of
 * all three.
 *
 * @throws ArgumentError when sizes are no positive integers, the width is odd, or there are not as many positions as tokens.
 * @throws ShapeError when `x` is not [B, heads, T, width].
 * @throws IndexError when one of `positions` is not in the table.
 * @see Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021, https://arxiv.org/abs/2104.09864
 * @example
 * import { tensor } from "flambeau";
 * const rotary = new RotaryPositions(8, 2);
 * rotary.forward(tensor([[[[1, 0]]]]), { offset: 1 }).tolist(); // [[[[0.5403, 0.8415]]]]
 */
export class RotaryPositions extends Module {
  readonly cos: Buffer;
  readonly sin: Buffer;
  readonly interleaved: boolean;
  constructor(length: number, width: number, options: RotaryOptions = {}) {
    super();
    const op = "RotaryPositions";
    checkOptions(op, rotaryKinds, options);
    checkSizes(op, length, width);
    const { base = 10_000, interleaved = false, ...made } = options;
    if (width % 2 !== 0) throw new ArgumentError(op, `features are turned in pairs, got ${width} of them`);
    if (!(base > 0)) throw new ArgumentError(op, `base must be positive, got ${base}`);
    this.interleaved = interleaved;
    const angles = (of: (angle: number) => number) =>
      new Buffer(
        tableOf(length, width / 2, (p, i) => of(p / base ** ((2 * i) / width)), made),
        false,
      );
    this.cos = angles(Math.cos);
    this.sin = angles(Math.sin);
  }
  forward(x: Tensor, options: PositionOptions = option.none): Tensor {
    const op = "RotaryPositions";
    checkOptions(op, positionKinds, options);
    checkTensor(op, "x", x);
    const half = this.cos.shape[1];
    if (x.ndim !== 4 || x.shape[3] !== 2 * half)
      throw new ShapeError(op, `expected [B, heads, T, ${2 * half}], got ${showShape(x.shape)}`, [x.shape]);
    const run = () => this.turned(x, half, options);
    return unscoped() ? scoped(run) : run();
  }
  private turned(x: Tensor, half: number, options: PositionOptions): Tensor {
    // [T, half] broadcasts over sequences and heads; [B, T, half] over heads
    const rows = (table: Tensor): Tensor => {
      const found = rowsOf("RotaryPositions", table, x.shape[2], options);
      return found.ndim === 3 ? unsqueeze(found, 1) : found;
    };
    const [cos, sin] = [rows(this.cos), rows(this.sin)];
    const pairs = this.interleaved ? unflatten(x, 3, [half, 2]) : null;
    const a = pairs ? select(pairs, 4, 0) : narrow(x, 3, 0, half);
    const b = pairs ? select(pairs, 4, 1) : narrow(x, 3, half, half);
    const first = sub(mul(a, cos), mul(b, sin));
    const second = add(mul(b, cos), mul(a, sin));
    return pairs ? flatten(stack([first, second], -1), 3) : cat([first, second], 3);
  }
  override extraRepr(): string {
    const [length, half] = this.cos.shape;
    return `${length}, ${2 * half}${this.interleaved ? ", interleaved=True" : ""}`;
  }
}
