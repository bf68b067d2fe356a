import { abs, abs_, div, div_, mul, mul_, neg, neg_, sub, sub_ } from "./pointwise/arithmetic.ts";
import { ge, gt, le, lt, ne } from "./pointwise/comparison.ts";
import {
  acos,
  acos_,
  acosh,
  acosh_,
  asin,
  asin_,
  asinh,
  asinh_,
  atan,
  atan_,
  atan2,
  atan2_,
  atanh,
  atanh_,
} from "./pointwise/trigonometric.ts";

// PyTorch's second names.

/** {@link abs}. */
export const absolute: typeof abs = abs;
/** {@link abs_}. */
export const absolute_: typeof abs_ = abs_;
/** {@link acos}. */
export const arccos: typeof acos = acos;
/** {@link acos_}. */
export const arccos_: typeof acos_ = acos_;
/** {@link acosh}. */
export const arccosh: typeof acosh = acosh;
/** {@link acosh_}. */
export const arccosh_: typeof acosh_ = acosh_;
/** {@link asin}. */
export const arcsin: typeof asin = asin;
/** {@link asin_}. */
export const arcsin_: typeof asin_ = asin_;
/** {@link asinh}. */
export const arcsinh: typeof asinh = asinh;
/** {@link asinh_}. */
export const arcsinh_: typeof asinh_ = asinh_;
/** {@link atan}. */
export const arctan: typeof atan = atan;
/** {@link atan_}. */
export const arctan_: typeof atan_ = atan_;
/** {@link atan2}. */
export const arctan2: typeof atan2 = atan2;
/** {@link atan2_}. */
export const arctan2_: typeof atan2_ = atan2_;
/** {@link atanh}. */
export const arctanh: typeof atanh = atanh;
/** {@link atanh_}. */
export const arctanh_: typeof atanh_ = atanh_;
/** {@link div}. */
export const divide: typeof div = div;
/** {@link div_}. */
export const divide_: typeof div_ = div_;
/** {@link div}. */
export const trueDivide: typeof div = div;
/** {@link mul}. */
export const multiply: typeof mul = mul;
/** {@link mul_}. */
export const multiply_: typeof mul_ = mul_;
/** {@link neg}. */
export const negative: typeof neg = neg;
/** {@link neg_}. */
export const negative_: typeof neg_ = neg_;
/** {@link sub}. */
export const subtract: typeof sub = sub;
/** {@link sub_}. */
export const subtract_: typeof sub_ = sub_;
/** {@link gt}. */
export const greater: typeof gt = gt;
/** {@link ge}. */
export const greaterEqual: typeof ge = ge;
/** {@link lt}. */
export const less: typeof lt = lt;
/** {@link le}. */
export const lessEqual: typeof le = le;
/** {@link ne}. */
export const notEqual: typeof ne = ne;
