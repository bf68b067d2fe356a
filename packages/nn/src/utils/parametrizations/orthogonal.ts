import {
  add,
  allclose,
  cat,
  clone,
  diagonal,
  expand,
  eye,
  fill_,
  finfo,
  matmul,
  matrixExp,
  mT,
  mul,
  narrow,
  noGrad,
  qr,
  randn,
  ShapeError,
  sign,
  solve,
  solveTriangular,
  sub,
  type Tensor,
  tril,
  triu,
  trunc,
  unsqueeze,
  zeros,
  zerosLike,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, sameShape, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { Buffer } from "../../parameter.ts";
import { tensorOf } from "../fields.ts";
import { type Parametrized, registerParametrization } from "../parametrize/register.ts";
import { reflectorsOf } from "./reflectors.ts";

const maps = ["matrixExp", "cayley", "householder"] as const;
type OrthogonalMap = (typeof maps)[number];
export interface OrthogonalOptions {
  /** How matrices become orthogonal. Default "matrixExp" for square ones, "householder" for others. */
  readonly orthogonalMap?: OrthogonalMap | undefined;
  /** Start from the weight, kept in a buffer, and learn what it is multiplied by. Default true. */
  readonly useTrivialization?: boolean | undefined;
}
const kinds: Kinds<OrthogonalOptions> = { orthogonalMap: option.oneOf(...maps), useTrivialization: option.boolean };

class _Orthogonal extends Module {
  base: Buffer | null = null;
  private readonly shape: readonly number[];
  private readonly map: OrthogonalMap;
  private readonly useTrivialization: boolean;
  constructor(shape: readonly number[], map: OrthogonalMap, useTrivialization: boolean) {
    super();
    this.shape = shape;
    this.map = map;
    this.useTrivialization = useTrivialization;
  }
  forward(x: Tensor): Tensor {
    const wide = x.shape[x.ndim - 2] < x.shape[x.ndim - 1];
    const tall = wide ? mT(x) : x;
    const q = this.map === "householder" ? reflected(tall) : turned(tall, this.map);
    const based = this.base === null ? q : matmul(this.base, q);
    return wide ? mT(based) : based;
  }
  rightInverse(value: Tensor): Tensor | null {
    if (!sameShape(value.shape, this.shape))
      throw new ShapeError("orthogonal", `expected the shape ${showShape(this.shape)}, got ${showShape(value.shape)}`, [
        this.shape,
        value.shape,
      ]);
    const wide = value.shape[value.ndim - 2] < value.shape[value.ndim - 1];
    const tall = wide ? mT(value) : value;
    if (!this.useTrivialization) {
      // the other maps have no formula for the way back
      if (this.map !== "householder") return null;
      const found = reflectorsOf(tall);
      return wide ? clone(mT(found)) : found;
    }
    const made = square(tall);
    if (this.base === null) this.base = new Buffer(made);
    else this.base.setData(made);
    const start = zerosLike(value);
    fill_(diagonal(start, 0, -2, -1), -1); // its reflections give the identity
    return start;
  }
}

/** The product of the reflections whose vectors stand below the diagonal, with signs from the diagonal: `(I - V S^-1 V^T) sign`. */
function reflected(x: Tensor): Tensor {
  const [n, k] = x.shape.slice(-2);
  const made = { dtype: x.dtype, device: x.device };
  const identity = eye(n, k, made);
  const v = add(tril(x, -1), identity);
  // of reflections I - tau v v^T with tau = 2 / |v|^2: 1 / tau is half the diagonal of V^T V (Joffrain et al. 2006)
  const gram = matmul(mT(v), v);
  const s = add(triu(gram, 1), mul(mul(gram, eye(k, made)), 0.5));
  const q = sub(identity, matmul(v, solveTriangular(s, mT(narrow(v, -2, 0, k)), { upper: true })));
  // no gradient goes to the signs, and training does not move them
  const signs = noGrad(() => clone(trunc(diagonal(x, 0, -2, -1))));
  return mul(q, unsqueeze(signs, -2));
}
/** The first columns of an orthogonal matrix from a skew-symmetric one, which stands below the diagonal. */
function turned(x: Tensor, map: "matrixExp" | "cayley"): Tensor {
  const [n, k] = x.shape.slice(-2);
  const batch = x.shape.slice(0, -2);
  const made = { dtype: x.dtype, device: x.device };
  const lower = tril(x);
  const whole = n === k ? lower : cat([lower, expand(zeros([n, n - k], made), [...batch, n, n - k])], -1);
  const a = sub(whole, mT(whole));
  const half = mul(a, 0.5);
  const q = map === "matrixExp" ? matrixExp(a) : solve(sub(eye(n, made), half), add(eye(n, made), half));
  return n === k ? q : narrow(q, -1, 0, k);
}
/** A square orthogonal matrix whose first columns are those of a tall one, made orthogonal where they are not. */
function square(tall: Tensor): Tensor {
  const [n, k] = tall.shape.slice(-2);
  if (n === k && isOrthogonal(tall)) return clone(tall);
  const batch = tall.shape.slice(0, -2);
  const rest = { dtype: tall.dtype, device: tall.device };
  return orthogonalized(n === k ? tall : cat([tall, randn([...batch, n, n - k], rest)], -1));
}
function isOrthogonal(q: Tensor): boolean {
  const [n, k] = q.shape.slice(-2);
  const identity = expand(eye(k, { dtype: q.dtype, device: q.device }), [...q.shape.slice(0, -2), k, k]);
  return allclose(matmul(mT(q), q), identity, { atol: 10 * n * finfo(q.dtype as "float32").eps });
}
/** Q of `x = Q R` with no negative number on R's diagonal. */
function orthogonalized(x: Tensor): Tensor {
  const { Q, R } = qr(x);
  return mul(Q, unsqueeze(sign(diagonal(R, 0, -2, -1)), -2));
}

/**
 * Makes a weight orthogonal: `Q^T Q = I` for as many rows as columns or more, else `Q Q^T = I`. With A skew-symmetric, made from the original,
 * it is `exp(A)`, Cayley's `(I + A / 2) (I - A / 2)^-1`, or a product of Householder reflections; with trivialization (the default) times
 * the value that the weight had, made orthogonal.
 *
 * Shapes: [..., rows, columns], each matrix for itself.
 *
 * @throws ArgumentError when the module has no such tensor; ShapeError when it has fewer than two dimensions.
 * @throws UnavailableError on a device that cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.orthogonal.html
 * @see Lezcano-Casado, "Trivializations for Gradient-Based Optimization on Manifolds", 2019, https://arxiv.org/abs/1909.09501
 * @example
 * const layer = nn.utils.parametrizations.orthogonal(new nn.Linear(2, 3), "weight", { orthogonalMap: "householder" });
 * layer.weight.t().matmul(layer.weight).round().abs().tolist(); // [[1, 0], [0, 1]]
 */
export function orthogonal<M extends Module>(
  module: M,
  name = "weight",
  options: OrthogonalOptions = option.none,
): M & Parametrized {
  checkOptions("orthogonal", kinds, options);
  const weight = tensorOf("orthogonal", module, name);
  if (weight.ndim < 2)
    throw new ShapeError("orthogonal", `expected a matrix or a batch of them, got ${showShape(weight.shape)}`, [
      weight.shape,
    ]);
  const isSquare = weight.shape[weight.ndim - 2] === weight.shape[weight.ndim - 1];
  const { orthogonalMap = isSquare ? "matrixExp" : "householder", useTrivialization = true } = options;
  const parametrization = new _Orthogonal(weight.shape, orthogonalMap, useTrivialization);
  return registerParametrization(module, name, parametrization, { unsafe: true });
}
