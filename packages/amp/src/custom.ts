import { isTensor, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction, checkOptions, type Kinds, option, toDType } from "@flambeau/tensor/plugin";
import { autocast, autocastDType, type HalfDType } from "./autocast.ts";
import { takesPart } from "./lists.ts";

/** The context of a custom function (`FunctionContext` of @flambeau/autograd), as far as these two write to it. */
type FunctionCtx = { [field: string]: unknown };

export interface CustomFwdOptions {
  /** Inputs are converted to it, and `forward` runs without autocast; where there is no region, nothing is done. Default: neither. */
  readonly castInputs?: HalfDType | "float32" | undefined;
}
const customFwdKinds: Kinds<CustomFwdOptions> = { castInputs: option.oneOf("float16", "bfloat16", "float32") };

const region = Symbol("the region that forward ran in");

/**
 * A custom function's `forward` for use in {@link autocast}: it remembers the region that it runs in for {@link customBwd}. With `castInputs` floating
 * tensors among its arguments (float64 apart) are converted first, and its ops run as if there were no region.
 *
 * Shapes: those of `forward`.
 *
 * @throws ArgumentError when `forward` is no function or `castInputs` another dtype.
 * @see https://docs.pytorch.org/docs/stable/amp.html#torch.amp.custom_fwd
 * @example
 * import { amp, Function, type FunctionContext, type Tensor, tensor } from "flambeau";
 * class Cube extends Function {
 *   static forward = amp.customFwd(
 *     (ctx: FunctionContext, x: Tensor) => {
 *       ctx.saveForBackward(x);
 *       return x.mul(x).mul(x);
 *     },
 *     { castInputs: "float32" },
 *   );
 *   static backward = amp.customBwd((ctx: FunctionContext, grad: Tensor) => {
 *     const [x] = ctx.savedTensors;
 *     return grad.mul(x.mul(x).mul(3));
 *   });
 * }
 * const x = tensor([2], { dtype: "bfloat16", requiresGrad: true });
 * const y = amp.autocast("bfloat16", () => Cube.apply(x));
 * console.log(y.dtype); // float32
 * y.sum().backward();
 * console.log(x.grad?.dtype, x.grad?.tolist()); // bfloat16 [12]
 */
export function customFwd<C extends FunctionCtx, A extends readonly unknown[], R>(
  forward: (ctx: C, ...args: A) => R,
  options: CustomFwdOptions = {},
): (ctx: C, ...args: A) => R {
  checkOptions("customFwd", customFwdKinds, options);
  checkFunction("customFwd", "forward", forward);
  const { castInputs } = options;
  return (ctx, ...args) => {
    const dtype = autocastDType();
    const state = ctx as { [region]?: HalfDType | null }; // a field of our own
    state[region] = castInputs === undefined ? dtype : null;
    if (castInputs === undefined || dtype === null) return forward(ctx, ...args);
    const given = args.map((arg) => (isTensor(arg) && takesPart(arg) ? toDType(arg, castInputs) : arg));
    return without(dtype, () => forward(ctx, ...(given as unknown as A))); // each of its own kind
  };
}

/**
 * A custom function's `backward` for use with {@link customFwd}: it runs in a region like that in which `forward` ran, or in none.
 *
 * Shapes: those of `backward`.
 *
 * @throws ArgumentError when `backward` is no function.
 * @see https://docs.pytorch.org/docs/stable/amp.html#torch.amp.custom_bwd
 * @example
 * import { amp, Function, type FunctionContext, type Tensor, tensor } from "flambeau";
 * class Product extends Function {
 *   static forward = amp.customFwd((ctx: FunctionContext, a: Tensor, b: Tensor) => {
 *     ctx.saveForBackward(a, b);
 *     return a.matmul(b);
 *   });
 *   static backward = amp.customBwd((ctx: FunctionContext, grad: Tensor) => {
 *     const [a, b] = ctx.savedTensors;
 *     return [grad.matmul(b.t()), a.t().matmul(grad)]; // a float32 `b` and a bfloat16 `grad`: in a region they are multiplied
 *   });
 * }
 * const a = tensor([[1, 2]], { requiresGrad: true });
 * const b = tensor([[3], [4]], { requiresGrad: true });
 * amp.autocast("bfloat16", () => Product.apply(a, b)).sum().backward();
 * a.grad?.tolist(); // [[3, 4]]
 */
export function customBwd<C extends FunctionCtx, A extends readonly Tensor[], R>(
  backward: (ctx: C, ...grads: A) => R,
): (ctx: C, ...grads: A) => R {
  checkFunction("customBwd", "backward", backward);
  return (ctx, ...grads) => {
    const dtype = (ctx as { readonly [region]?: HalfDType | null })[region] ?? null;
    const run = () => backward(ctx, ...grads);
    return dtype === null ? without("bfloat16", run) : autocast(dtype, run as () => never); // autograd takes synchronous ones only
  };
}

const without = <R>(dtype: HalfDType, run: () => R): R => autocast(dtype, run as () => never, { enabled: false });
