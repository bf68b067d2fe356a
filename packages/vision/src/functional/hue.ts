import {
  ArgumentError,
  add,
  amax,
  amin,
  clamp,
  div,
  eq,
  floor,
  fmod,
  gather,
  indexSelect,
  logicalAnd,
  logicalNot,
  logicalOr,
  mul,
  ne,
  remainder,
  reshape,
  rsub,
  select,
  stack,
  sub,
  type Tensor,
  tensor,
  tidy,
  transpose,
  where,
} from "@flambeau/tensor/functional";
import { toDType as cast, checkNumber } from "@flambeau/tensor/plugin";
import { coloursOf } from "../checks.ts";
import { scaledTo } from "./dtype.ts";

/** Which of value, p, q and t (as 0 to 3) red, green and blue are, by the sixth of the circle that the hue lies in. */
const sectors = [
  [0, 2, 1, 1, 3, 0],
  [3, 0, 0, 2, 1, 1],
  [1, 1, 3, 0, 0, 2],
];

/** Hue, saturation and value of `[N, 3, H, W]`, each `[N, H, W]` and from 0 to 1. */
function toHsv(x: Tensor): readonly [h: Tensor, s: Tensor, v: Tensor] {
  const [least, most] = [amin(x, 1), amax(x, 1)];
  const grey = eq(least, most);
  const range = sub(most, least);
  const saturation = div(range, where(grey, 1, most));
  const width = where(grey, 1, range);
  const [r, g] = [select(x, 1, 0), select(x, 1, 1)];
  const [rc, gc, bc] = [0, 1, 2].map((c) => div(sub(most, select(x, 1, c)), width));
  const isRed = eq(most, r);
  const isGreen = logicalAnd(eq(most, g), ne(most, r));
  const sum = add(
    add(mul(sub(bc, gc), cast(isRed, x.dtype)), mul(sub(add(rc, 2), bc), cast(isGreen, x.dtype))),
    mul(sub(add(gc, 4), rc), cast(logicalNot(logicalOr(isRed, isGreen)), x.dtype)),
  );
  return [fmod(add(mul(sum, 1 / 6), 1), 1), saturation, most];
}

function toRgb(h: Tensor, s: Tensor, v: Tensor): Tensor {
  const sixths = mul(h, 6);
  const sector = floor(sixths);
  const sf = mul(s, sub(sixths, sector));
  const rest = rsub(s, 1);
  const q = clamp(mul(rsub(sf, 1), v), 0, 1);
  const t = clamp(mul(add(sf, rest), v), 0, 1);
  const p = clamp(mul(rest, v), 0, 1);
  const [n, height, width] = h.shape;
  const table = tensor(sectors, { dtype: "int32", device: h.device });
  const which = indexSelect(table, 1, reshape(remainder(cast(sector, "int32"), 6), [-1]));
  return gather(stack([v, p, q, t], 1), 1, transpose(reshape(which, [3, n, height, width]), 0, 1));
}

/**
 * An image whose hues are turned on the colour circle: `hue = (hue + factor) mod 1` in hue, saturation and value. 0.5 and -0.5 give the
 * complementary colours, 0 the image. One of a single channel stays as it is.
 *
 * Shape: that of `x`, `[..., 1 or 3, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a factor outside of -0.5 to 0.5; ShapeError for other channels; DTypeError for bools and wide integers.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.adjust_hue.html
 * @example
 * adjustHue(tensor([[[1]], [[0]], [[0]]]), 0.5).tolist(); // [[[0]], [[1]], [[1]]]
 */
export function adjustHue(x: Tensor, factor: number): Tensor {
  const op = "adjustHue";
  const { channels, height, width } = coloursOf(op, x);
  if (!(Math.abs(checkNumber(op, "the factor", factor)) <= 0.5))
    throw new ArgumentError(op, `the factor must be from -0.5 to 0.5, got ${factor}`);
  if (channels === 1 || x.size === 0) return x;
  return tidy(() => {
    const [h, s, v] = toHsv(scaledTo(op, reshape(x, [-1, 3, height, width]), "float32"));
    const y = toRgb(remainder(add(h, factor), 1), s, v);
    return scaledTo(op, reshape(y, x.shape), x.dtype);
  });
}
