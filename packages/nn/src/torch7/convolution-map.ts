import {
  ArgumentError,
  conv2d,
  convTranspose2d,
  detach,
  empty,
  indexAdd,
  narrow,
  reshape,
  ShapeError,
  select,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, show, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Buffer, Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";
import type { Connections } from "./connections.ts";
import { boundOf, type MadeOptions, madeKinds, within } from "./making.ts";
import { whole } from "./table.ts";

/** What has a kernel for each connection between input and output planes. */
abstract class Mapped extends Module {
  weight: Parameter;
  bias: Parameter;
  /** Where each kernel stands in the whole weight [nOutputPlane, nInputPlane, kH, kW]. */
  places: Buffer;
  readonly nInputPlane: number;
  readonly nOutputPlane: number;
  readonly kW: number;
  readonly kH: number;
  readonly dW: number;
  readonly dH: number;
  constructor(
    name: string,
    connections: Connections,
    [kW, kH, dW, dH]: readonly [number, number, number, number],
    options: MadeOptions,
  ) {
    super();
    checkOptions(name, madeKinds, options);
    const { nin, nout } = planesOf(name, connections);
    for (const [key, value] of Object.entries({ kW, kH, dW, dH })) checkInteger(name, key, value, 1);
    this.nInputPlane = nin;
    this.nOutputPlane = nout;
    this.kW = kW;
    this.kH = kH;
    this.dW = dW;
    this.dH = dH;
    this.weight = new Parameter(empty([connections.length, kH, kW], options));
    this.bias = new Parameter(empty([nout], options));
    const places = connections.map(([input, output]) => output * nin + input);
    this.places = new Buffer(tensor(places, { dtype: "int32", device: this.weight.device }), false);
    // each output plane by how many kernels lead to it
    const bounds = Array.from({ length: nout }, (_, o) =>
      boundOf(kW * kH * connections.filter((c) => c[1] === o).length),
    );
    for (const [k, [, output]] of connections.entries()) part(this.weight, k, bounds[output]);
    for (const [o, bound] of bounds.entries()) part(this.bias, o, bound);
  }
  /** The kernels in a weight [nOutputPlane, nInputPlane, kH, kW], with zeros where no connection is. */
  protected wholeWeight(): Tensor {
    const { nOutputPlane, nInputPlane, kH, kW, weight } = this;
    const none = zeros([nOutputPlane * nInputPlane, kH, kW], { dtype: weight.dtype, device: weight.device });
    return reshape(indexAdd(none, 0, this.places, weight), [nOutputPlane, nInputPlane, kH, kW]);
  }
  /** The planes that have connections. */
  protected planes(x: Tensor): Tensor {
    const name = this.constructor.name;
    checkTensor(name, "x", x);
    if (x.ndim < 3 || x.ndim > 4 || x.shape[x.ndim - 3] < this.nInputPlane)
      throw new ShapeError(
        name,
        `x must be [C, H, W] or [N, C, H, W] with C at least ${this.nInputPlane}, got ${showShape(x.shape)}`,
        [x.shape],
      );
    return x.shape[x.ndim - 3] === this.nInputPlane ? x : narrow(x, x.ndim - 3, 0, this.nInputPlane);
  }
  override extraRepr(): string {
    return shown(this.nInputPlane, this.nOutputPlane, {
      kernelSize: [this.kH, this.kW],
      stride: [this.dH, this.dW],
      connections: this.weight.shape[0],
    });
  }
}
/** Holds a table to pairs of numbers of planes, one at least, and counts those. */
function planesOf(op: string, table: unknown): { readonly nin: number; readonly nout: number } {
  if (!Array.isArray(table) || table.length === 0)
    throw new ArgumentError(
      op,
      `connections are a list of pairs, got ${show(table)}`,
      "tables.full(nin, nout) makes one",
    );
  let [nin, nout] = [0, 0];
  for (const pair of table as readonly unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new ArgumentError(op, `a connection is a pair [input, output], got ${show(pair)}`);
    for (const plane of pair) checkInteger(op, "a plane", plane, 0);
    nin = Math.max(nin, pair[0] + 1);
    nout = Math.max(nout, pair[1] + 1);
  }
  return { nin, nout };
}
/** Draws one part of a parameter. */
function part(t: Tensor, index: number, bound: number): void {
  whole(() => void within(select(detach(t), 0, index), bound));
}

/**
 * A convolution with a kernel for each connection of a table between input and output planes:
 * `y[o] = bias[o] + sum_k conv(x[input_k], weight[k])` over the connections `[input_k, o]`. `tables.full`, `tables.oneToOne` and
 * `tables.random` make such tables.
 *
 * Shape: [C, H, W] or [N, C, H, W] -> [nOutputPlane, floor((H - kH) / dH) + 1, floor((W - kW) / dW) + 1], with N before. Parameters: `weight`
 * [connections, kH, kW] and `bias` [nOutputPlane], drawn uniformly from `-1 / sqrt(n * kW * kH) .. 1 / sqrt(n * kW * kH)`, where n connections
 * lead to the output plane. Dtype: that of the parameters.
 *
 * @throws ArgumentError when the connections are no list of pairs of planes, or a size is no positive integer; ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.SpatialConvolutionMap
 * @example
 * new SpatialConvolutionMap(tables.oneToOne(3), 5, 5).forward(randn([3, 8, 8])).shape; // [3, 4, 4]
 */
export class SpatialConvolutionMap extends Mapped {
  constructor(connections: Connections, kW: number, kH: number, dW = 1, dH = 1, options: MadeOptions = {}) {
    super("SpatialConvolutionMap", connections, [kW, kH, dW, dH], options);
  }
  forward(x: Tensor): Tensor {
    return whole(() => conv2d(this.planes(x), this.wholeWeight(), this.bias, { stride: [this.dH, this.dW] }));
  }
}

/**
 * A transposed convolution with a kernel for each connection of a table between input and output planes:
 * `y[o] = bias[o] + sum_k convTranspose(x[input_k], weight[k])` over the connections `[input_k, o]`.
 *
 * Shape: [C, H, W] or [N, C, H, W] -> [nOutputPlane, (H - 1) dH + kH, (W - 1) dW + kW], with N before. Parameters: as those of
 * {@link SpatialConvolutionMap}. Dtype: that of the parameters.
 *
 * @throws ArgumentError when the connections are no list of pairs of planes, or a size is no positive integer; ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/SpatialFullConvolutionMap.lua
 * @example
 * new SpatialFullConvolutionMap(tables.full(2, 3), 5, 5, 2, 2).forward(randn([2, 4, 4])).shape; // [3, 11, 11]
 */
export class SpatialFullConvolutionMap extends Mapped {
  constructor(connections: Connections, kW: number, kH: number, dW = 1, dH = 1, options: MadeOptions = {}) {
    super("SpatialFullConvolutionMap", connections, [kW, kH, dW, dH], options);
  }
  forward(x: Tensor): Tensor {
    return whole(() =>
      convTranspose2d(this.planes(x), transpose(this.wholeWeight(), 0, 1), this.bias, { stride: [this.dH, this.dW] }),
    );
  }
}
