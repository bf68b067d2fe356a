import type { LinearAlgebra } from "../../contract/linear-algebra.ts";
import { cholesky } from "../../linalg/cholesky.ts";
import { symmetricEigen } from "../../linalg/eigen.ts";
import { luFactor, luSolve, triangularSolve } from "../../linalg/lu.ts";
import { householder, reflected } from "../../linalg/qr.ts";
import { tallSvd } from "../../linalg/svd.ts";

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
