import {
  ArgumentError,
  add,
  cat,
  clone,
  expand,
  fromBytes,
  gridSample,
  indexSelect,
  isFloat,
  mul,
  narrow,
  onesLike,
  reshape,
  rot90,
  round,
  sub,
  type Tensor,
  tensor,
  tidy,
  where,
} from "@flambeau/tensor/functional";
import { toDType as cast, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { bitsOf, checkFinite, checkNumbers, type Fill, fillsOf, type Images, imagesOf, roundEven } from "../checks.ts";
import { perspectiveCoefficients } from "./perspective.ts";

export interface WarpOptions {
  /** How pixels come about. Default "nearest", of perspective "bilinear". */
  readonly interpolation?: "nearest" | "bilinear" | undefined;
  /** What lies outside: one value, or one for each channel. Default null: black. */
  readonly fill?: Fill | undefined;
}
export interface AffineOptions extends WarpOptions {
  /** Around which point, as [x, y] in pixels from the upper left corner. Default: the middle. */
  readonly center?: readonly number[] | null | undefined;
}
export interface RotateOptions extends AffineOptions {
  /** Make the image as large as it takes. Default false: its size stays. */
  readonly expand?: boolean | undefined;
}
export interface PerspectiveOptions extends WarpOptions {
  /** a to h of the map, in place of points. */
  readonly coefficients?: readonly number[] | null | undefined;
}
export const warpKinds: Kinds<WarpOptions> = {
  interpolation: option.oneOf("nearest", "bilinear"),
  fill: option.orNull(option.numbers),
};
export const affineKinds: Kinds<AffineOptions> = { ...warpKinds, center: option.orNull(option.listOf(option.number)) };
export const rotateKinds: Kinds<RotateOptions> = { ...affineKinds, expand: option.boolean };
const perspectiveKinds: Kinds<PerspectiveOptions> = {
  ...warpKinds,
  coefficients: option.orNull(option.listOf(option.number)),
};

/** Where each pixel of the result comes from, as x and y of -1 to 1 across the image, in rows. */
interface Grid {
  readonly height: number;
  readonly width: number;
  readonly at: Float32Array | Float64Array;
}
type Round = (x: number) => number;
const exactly: Round = (x) => x;
/** Positions are computed on the host, in the precision in which PyTorch has them: which pixel is nearest depends on the last digit. */
const precisionOf = (x: Tensor): Round => (x.dtype === "float64" ? exactly : Math.fround);

/** One row of a linear map, each product and sum rounded. */
const dot3 = (f: Round, x: number, y: number, [a, b, c]: readonly number[]): number => f(f(f(x * a) + f(y * b)) + c);

function affineGrid(f: Round, matrix: readonly number[], from: Images, height: number, width: number): Grid {
  const scaled = [0.5 * from.width, 0.5 * from.height].map((half, d) =>
    matrix.slice(3 * d, 3 * d + 3).map((m) => f(f(m) / half)),
  );
  const at = f === exactly ? new Float64Array(2 * height * width) : new Float32Array(2 * height * width);
  for (let i = 0, k = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const [x, y] = [j + (1 - width) / 2, i + (1 - height) / 2];
      at[k++] = dot3(f, x, y, scaled[0]);
      at[k++] = dot3(f, x, y, scaled[1]);
    }
  return { height, width, at };
}
function perspectiveGrid(f: Round, [a, b, c, d, e, g, p, q]: readonly number[], { height, width }: Images): Grid {
  const [across, down] = [
    [a, b, c].map((m) => f(f(m) / (0.5 * width))),
    [d, e, g].map((m) => f(f(m) / (0.5 * height))),
  ];
  const depth = [f(p), f(q), 1];
  const at = f === exactly ? new Float64Array(2 * height * width) : new Float32Array(2 * height * width);
  for (let i = 0, k = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const [x, y] = [j + 0.5, i + 0.5];
      const far = dot3(f, x, y, depth);
      at[k++] = f(f(dot3(f, x, y, across) / far) - 1);
      at[k++] = f(f(dot3(f, x, y, down) / far) - 1);
    }
  return { height, width, at };
}

/** The pixels that a grid asks for. */
function sampled(op: string, x: Tensor, grid: Grid, options: WarpOptions, mode: "nearest" | "bilinear"): Tensor {
  const images = imagesOf(op, x);
  const { fill = null } = options;
  const values = fill === null ? null : fillsOf(op, fill, images.channels);
  const y = mode === "nearest" ? picked(x, images, grid, values) : mixed(x, images, grid, values);
  return reshape(y, [...images.batch, images.channels, grid.height, grid.width]);
}
/** Of the fill and an image, one colour for each channel, `[C, 1, 1]`. */
const colour = (values: readonly number[], like: Tensor): Tensor =>
  reshape(tensor(values, { dtype: like.dtype, device: like.device }), [values.length, 1, 1]);

/** The nearest pixels: a single pick, in any dtype. */
function picked(x: Tensor, from: Images, { height, width, at }: Grid, fill: readonly number[] | null): Tensor {
  const f: Round = at instanceof Float64Array ? exactly : Math.fround;
  const places = new Int32Array(height * width);
  const inside = new Uint8Array(height * width);
  for (let k = 0; k < places.length; k++) {
    const column = roundEven(f(f(f(at[2 * k] + 1) * (from.width / 2)) - 0.5));
    const row = roundEven(f(f(f(at[2 * k + 1] + 1) * (from.height / 2)) - 0.5));
    if (!(column >= 0 && column < from.width && row >= 0 && row < from.height)) continue;
    places[k] = row * from.width + column;
    inside[k] = 1;
  }
  const { device } = x;
  const flat = reshape(x, [-1, from.channels, from.height * from.width]);
  const found = indexSelect(flat, -1, tensor(places, { device }));
  const mask = fromBytes(inside, "bool", [height, width], { device });
  const whole = isFloat(x.dtype) ? (fill ?? [0]) : (fill ?? [0]).map(roundEven);
  return where(mask, reshape(found, [-1, from.channels, height, width]), colour(whole, x));
}

/** Pixels mixed from four; what is half outside is mixed with the fill. */
function mixed(x: Tensor, from: Images, { height, width, at }: Grid, fill: readonly number[] | null): Tensor {
  const flat = reshape(isFloat(x.dtype) ? x : cast(x, "float32"), [-1, from.channels, from.height, from.width]);
  const n = flat.shape[0];
  const one = fromBytes(
    new Uint8Array(at.buffer),
    at instanceof Float64Array ? "float64" : "float32",
    [1, height, width, 2],
    {
      device: x.device,
    },
  );
  const grid = expand(cast(one, flat.dtype), [n, height, width, 2]);
  const sample = (images: Tensor) => gridSample(images, grid, { mode: "bilinear", alignCorners: false });
  if (fill === null) return settled(sample(flat), x);
  const both = sample(cat([flat, onesLike(narrow(flat, 1, 0, 1))], 1));
  const mask = narrow(both, 1, from.channels, 1);
  const back = colour(fill, flat);
  return settled(add(mul(sub(narrow(both, 1, 0, from.channels), back), mask), back), x);
}
const settled = (y: Tensor, x: Tensor): Tensor => (isFloat(x.dtype) ? y : cast(round(y), x.dtype));

/** The map from places in the result to places in the image, both from their middles: of turning, scaling, shearing and moving. */
export function inverseAffine(
  center: readonly number[],
  angle: number,
  translate: readonly number[],
  scale: number,
  shear: readonly number[],
): number[] {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [turn, sx, sy] = [angle, ...shear].map(radians);
  // turning and shearing, [[a, b], [c, d]], whose determinant is 1
  const a = Math.cos(turn - sy) / Math.cos(sy);
  const b = -(a * Math.tan(sx) + Math.sin(turn));
  const c = Math.sin(turn - sy) / Math.cos(sy);
  const d = Math.cos(turn) - c * Math.tan(sx);
  const [p, q, r, s] = [d / scale, -b / scale, -c / scale, a / scale];
  const [x, y] = [center[0] + translate[0], center[1] + translate[1]];
  return [p, q, center[0] - p * x - q * y, r, s, center[1] - r * x - s * y];
}
const centerOf = (
  op: string,
  center: readonly number[] | null | undefined,
  { width, height }: Images,
): readonly number[] => {
  if (center === null || center === undefined) return [0, 0];
  const [x, y] = checkNumbers(op, "center", center, 2);
  return [x - 0.5 * width, y - 0.5 * height];
};
function checkDtype(op: string, x: Tensor): Images {
  const images = imagesOf(op, x);
  if (!isFloat(x.dtype)) bitsOf(op, x);
  return images;
}

/**
 * An image turned by `angle` (degrees, clockwise), scaled, sheared and moved: `y[p] = x[M^-1 p]` with
 * `M = move * rotation(angle) * scale * shear`, around the middle or `center`.
 *
 * Shape: that of `x`, `[..., C, H, W]`; `translate` is `[right, down]` in pixels, `shear` `[x, y]` in degrees, or x alone. Dtype: that of `x`.
 *
 * @throws ArgumentError for a scale that is not positive and other numbers that are not finite; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.affine.html
 * @example
 * affine(tensor([[[1, 2, 3]]]), 0, [1, 0], 1, [0, 0]).tolist(); // [[[0, 1, 2]]]
 * affine(tensor([[[1, 2, 3]]]), 0, [1, 0], 1, 0, { fill: 9 }).tolist(); // [[[9, 1, 2]]]
 */
export function affine(
  x: Tensor,
  angle: number,
  translate: readonly number[],
  scale: number,
  shear: number | readonly number[],
  options: AffineOptions = {},
): Tensor {
  const op = "affine";
  checkOptions(op, affineKinds, options);
  const images = checkDtype(op, x);
  checkFinite(op, "angle", angle);
  checkNumbers(op, "translate", translate, 2);
  if (!(checkFinite(op, "scale", scale) > 0)) throw new ArgumentError(op, `scale must be positive, got ${scale}`);
  const [sx, sy] = shearOf(op, shear);
  if (x.size === 0) return x;
  const matrix = inverseAffine(centerOf(op, options.center, images), angle, translate, scale, [sx, sy]);
  return tidy(() => {
    const grid = affineGrid(precisionOf(x), matrix, images, images.height, images.width);
    return sampled(op, x, grid, options, options.interpolation ?? "nearest");
  });
}
function shearOf(op: string, shear: number | readonly number[]): readonly number[] {
  if (typeof shear === "number") return [checkFinite(op, "shear", shear), 0];
  if (Array.isArray(shear) && shear.length === 1) return [checkFinite(op, "shear", shear[0]), shear[0]];
  return checkNumbers(op, "shear", shear, 2);
}

/**
 * An image turned by `angle` degrees, counter-clockwise: `y[p] = x[R(angle) p]` around the middle or `center`.
 *
 * Shape: that of `x`, `[..., C, H, W]`, or as large as it takes with `expand`. Dtype: that of `x`.
 *
 * @throws ArgumentError for an angle that is not finite; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.rotate.html
 * @example
 * rotate(tensor([[[1, 2], [3, 4]]]), 90).tolist(); // [[[2, 4], [1, 3]]]
 * rotate(zeros([1, 10, 20]), 45, { expand: true }).shape; // [1, 22, 22]
 */
export function rotate(x: Tensor, angle: number, options: RotateOptions = {}): Tensor {
  const op = "rotate";
  checkOptions(op, rotateKinds, options);
  const images = checkDtype(op, x);
  const { expand: grow = false, center } = options;
  const turn = ((checkFinite(op, "angle", angle) % 360) + 360) % 360;
  const middle = centerOf(op, center, images);
  if (x.size === 0) return x;
  const { height, width } = images;
  if (center === null || center === undefined) {
    if (turn === 0) return clone(x);
    if (turn === 180) return rot90(x, 2, [-2, -1]);
    if ((turn === 90 || turn === 270) && (grow || width === height)) return rot90(x, turn / 90, [-2, -1]);
  }
  const matrix = inverseAffine(middle, -turn, [0, 0], 1, [0, 0]);
  const [h, w] = grow ? extent(matrix, height, width) : [height, width];
  return tidy(() => {
    const grid = affineGrid(precisionOf(x), matrix, images, h, w);
    return sampled(op, x, grid, options, options.interpolation ?? "nearest");
  });
}
/** Height and width of a turned image. */
function extent([a, b, c, d, e, f]: readonly number[], height: number, width: number): readonly [number, number] {
  const [x, y] = [width / 2, height / 2];
  const corners = [
    [-x, -y],
    [x, -y],
    [x, y],
    [-x, y],
  ].map(([u, v]) => [a * u + b * v + c, d * u + e * v + f]);
  const span = (each: number[], half: number) =>
    Math.ceil(Math.max(...each) + half) - Math.floor(Math.min(...each) + half);
  return [
    span(
      corners.map(([, v]) => v),
      y,
    ),
    span(
      corners.map(([u]) => u),
      x,
    ),
  ];
}

/**
 * An image as it looks from elsewhere: the corner points `startpoints` go to `endpoints`, `y[p] = x[((a, b, c) p, (d, e, f) p) / (g, h, 1) p]`.
 * Both are lists of four `[x, y]`: top left, top right, bottom right, bottom left. With `coefficients` they are null.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for other than four points, points in a line, and points together with coefficients; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.perspective.html
 * @example
 * const corners = [[0, 0], [3, 0], [3, 3], [0, 3]];
 * const moved = corners.map(([x, y]) => [x + 1, y]);
 * perspective(ones([1, 4, 4]), corners, moved, { interpolation: "nearest" }).sum().item(); // 12
 */
export function perspective(
  x: Tensor,
  startpoints: readonly (readonly number[])[] | null,
  endpoints: readonly (readonly number[])[] | null,
  options: PerspectiveOptions = {},
): Tensor {
  const op = "perspective";
  checkOptions(op, perspectiveKinds, options);
  const images = checkDtype(op, x);
  const { coefficients = null } = options;
  if (coefficients !== null && (startpoints !== null || endpoints !== null))
    throw new ArgumentError(op, "give points or coefficients, not both");
  if (coefficients === null && (startpoints === null || endpoints === null))
    throw new ArgumentError(op, `give startpoints and endpoints, got ${show(startpoints)} and ${show(endpoints)}`);
  const map =
    coefficients === null
      ? perspectiveCoefficients(op, startpoints ?? [], endpoints ?? [])
      : checkNumbers(op, "coefficients", coefficients, 8);
  if (x.size === 0) return x;
  return tidy(() => {
    const grid = perspectiveGrid(precisionOf(x), map, images);
    return sampled(op, x, grid, options, options.interpolation ?? "bilinear");
  });
}
