import { type Arguments, from } from "./arguments.ts";

/** Arguments of the kernels that factor float64 matrices, one at a time: of several panels, of which the last is not whole; and distances. */
export function factors(): Record<string, Arguments> {
  const [m, n, r] = [71, 45, 5];
  const matrix = (rows: number, columns: number) => rows * columns * 8;
  const panel = (rows: number) => matrix(rows, 32);
  const square = { 0: matrix(n, n), 1: matrix(n, r) };
  const reflections = (rows: number, columns: number) => panel(rows + 64 + 2 * columns);
  const [rows, columns, deep] = [7, 21, 37];
  return {
    distances: {
      numbers: from(3, rows, columns, deep),
      operands: { 0: 3 * rows * deep * 4, 1: 3 * deep * columns * 4, 2: 3 * rows * columns * 4 },
      count: 6,
      open: true,
    },
    lu_factor: { numbers: from(2, m, n), operands: { 0: matrix(m, n), 1: 4 * n, 5: panel(m) }, count: 1 },
    lu_solve: {
      numbers: from(2, n, r),
      operands: { ...square, 4: 4 * n },
      words: { 4: Array.from({ length: n }, (_, i) => n - 1 - (i >> 1)) },
      count: 1,
    },
    triangular_solve: { numbers: { ...from(2, n, r), 4: 1 }, operands: square, count: 1 },
    cholesky: { numbers: { 1: n }, operands: { 0: matrix(n, n), 3: panel(n) }, count: 1 },
    householder: {
      numbers: from(2, m, n),
      operands: { 0: matrix(m, n), 1: 8 * n, 5: reflections(m, n) },
      count: 1,
    },
    reflected: {
      numbers: { ...from(2, m, n), 6: m },
      operands: { 0: matrix(m, n), 1: 8 * n, 5: matrix(m, m), 7: reflections(m, m) },
      count: 1,
    },
  };
}
