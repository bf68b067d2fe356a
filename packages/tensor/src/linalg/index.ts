import type { LinearAlgebra } from "../contract/linear-algebra.ts";
import { cholesky } from "./cholesky.ts";
import { symmetricEigen } from "./eigen.ts";
import { luFactor, luSolve, triangularSolve } from "./lu.ts";
import { householder, reflected } from "./qr.ts";
import { tallSvd } from "./svd.ts";

/** What needs no device: for any numbers, also such as are not finite. */
export const hostAlgebra: LinearAlgebra = {
  cholesky,
  householder,
  luFactor,
  luSolve,
  reflected,
  symmetricEigen,
  tallSvd,
  triangularSolve,
};
