import { abs, abs_, div, div_, mul, mul_, neg, neg_, sub, sub_ } from "./pointwise/arithmetic.ts";
import { ge, ge_, gt, gt_, le, le_, lt, lt_, ne, ne_ } from "./pointwise/comparison.ts";
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

/** {@link abs} under NumPy's name. */
export const absolute: typeof abs = abs;
/** {@link abs_} under NumPy's name. */
export const absolute_: typeof abs_ = abs_;
/** {@link acos} under NumPy's name. */
export const arccos: typeof acos = acos;
/** {@link acos_} under NumPy's name. */
export const arccos_: typeof acos_ = acos_;
/** {@link acosh} under NumPy's name. */
export const arccosh: typeof acosh = acosh;
/** {@link acosh_} under NumPy's name. */
export const arccosh_: typeof acosh_ = acosh_;
/** {@link asin} under NumPy's name. */
export const arcsin: typeof asin = asin;
/** {@link asin_} under NumPy's name. */
export const arcsin_: typeof asin_ = asin_;
/** {@link asinh} under NumPy's name. */
export const arcsinh: typeof asinh = asinh;
/** {@link asinh_} under NumPy's name. */
export const arcsinh_: typeof asinh_ = asinh_;
/** {@link atan} under NumPy's name. */
export const arctan: typeof atan = atan;
/** {@link atan_} under NumPy's name. */
export const arctan_: typeof atan_ = atan_;
/** {@link atan2} under NumPy's name. */
export const arctan2: typeof atan2 = atan2;
/** {@link atan2_} under NumPy's name. */
export const arctan2_: typeof atan2_ = atan2_;
/** {@link atanh} under NumPy's name. */
export const arctanh: typeof atanh = atanh;
/** {@link atanh_} under NumPy's name. */
export const arctanh_: typeof atanh_ = atanh_;
/** {@link div} under NumPy's name. */
export const divide: typeof div = div;
/** {@link div_} under NumPy's name. */
export const divide_: typeof div_ = div_;
/** {@link div} under NumPy's name. */
export const trueDivide: typeof div = div;
/** {@link div_} under NumPy's name. */
export const trueDivide_: typeof div_ = div_;
/** {@link mul} under NumPy's name. */
export const multiply: typeof mul = mul;
/** {@link mul_} under NumPy's name. */
export const multiply_: typeof mul_ = mul_;
/** {@link neg} under NumPy's name. */
export const negative: typeof neg = neg;
/** {@link neg_} under NumPy's name. */
export const negative_: typeof neg_ = neg_;
/** {@link sub} under NumPy's name. */
export const subtract: typeof sub = sub;
/** {@link sub_} under NumPy's name. */
export const subtract_: typeof sub_ = sub_;
/** {@link gt} under NumPy's name. */
export const greater: typeof gt = gt;
/** {@link gt_} under NumPy's name. */
export const greater_: typeof gt_ = gt_;
/** {@link ge} under NumPy's name. */
export const greaterEqual: typeof ge = ge;
/** {@link ge_} under NumPy's name. */
export const greaterEqual_: typeof ge_ = ge_;
/** {@link lt} under NumPy's name. */
export const less: typeof lt = lt;
/** {@link lt_} under NumPy's name. */
export const less_: typeof lt_ = lt_;
/** {@link le} under NumPy's name. */
export const lessEqual: typeof le = le;
/** {@link le_} under NumPy's name. */
export const lessEqual_: typeof le_ = le_;
/** {@link ne} under NumPy's name. */
export const notEqual: typeof ne = ne;
/** {@link ne_} under NumPy's name. */
export const notEqual_: typeof ne_ = ne_;
