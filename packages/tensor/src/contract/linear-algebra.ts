/** How a matrix was factored: unit lower and upper triangle stand in its place. */
export interface Factored {
  /** Row i was swapped with row pivots[i] (counted from 0), in this order. */
  readonly pivots: Int32Array;
  /** 0, or the number of the first pivot that is 0, counted from 1. */
  readonly info: number;
}
/** Which triangle of a matrix counts, and whether its diagonal is taken as ones. */
export interface Triangle {
  readonly upper: boolean;
  readonly unit: boolean;
}

/** Dense linear algebra on the host: of single row-major float64 matrices, whose elements are finite numbers. */
export interface LinearAlgebra {
  /** Factors a (m × n) in place by Gaussian elimination with partial pivoting, as LAPACK's getrf does. */
  luFactor(a: Float64Array, m: number, n: number): Factored;
  /** Solves A x = b for the columns of b (n × r), A factored; the solution takes b's place. */
  luSolve(lu: Float64Array, factored: Factored, n: number, b: Float64Array, r: number): void;
  /** Solves T x = b for the columns of b (n × r), T the named triangle of `a`; the solution takes b's place. */
  triangularSolve(a: Float64Array, n: number, b: Float64Array, r: number, triangle: Triangle): void;
  /**
   * The lower factor L of a symmetric positive definite matrix (n × n, its lower triangle read), A = L L^T, in place; the upper triangle is
   * cleared. Gives 0, or the order of the first leading minor that is not positive, counted from 1.
   */
  cholesky(a: Float64Array, n: number): number;
  /**
   * Householder QR in place (m × n), as LAPACK's geqrf: R on and above the diagonal, below it the vectors v of the reflections I - tau v v^T,
   * whose first element 1 is left out. Gives the taus.
   */
  householder(a: Float64Array, m: number, n: number): Float64Array;
  /** The first `columns` columns of Q (m × columns) from `householder`'s result. */
  reflected(a: Float64Array, taus: Float64Array, m: number, n: number, columns: number): Float64Array;
  /** Eigenvalues (rising) and eigenvectors (columns of `vectors`) of a symmetric matrix (n × n, its lower triangle read, overwritten). */
  symmetricEigen(a: Float64Array, n: number): { readonly values: Float64Array; readonly vectors: Float64Array };
  /** A = U diag(s) V^T with s falling of a tall matrix (m × n, m >= n, overwritten): U (m × n) and V^T (n × n). */
  tallSvd(
    a: Float64Array,
    m: number,
    n: number,
  ): { readonly u: Float64Array; readonly s: Float64Array; readonly vh: Float64Array };
}
