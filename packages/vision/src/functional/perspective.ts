import { ArgumentError } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import { checkNumbers } from "../checks.ts";

function checkPoints(op: string, name: string, points: readonly (readonly number[])[]): void {
  if (!Array.isArray(points) || points.length !== 4)
    throw new ArgumentError(op, `${name} are four points, got ${show(points)}`);
  for (const each of points) checkNumbers(op, `each of ${name}`, each, 2);
}

/**
 * The map from places in the result to places in the image that takes four points to four others: a to h of
 * `(a x + b y + c) / (g x + h y + 1), (d x + e y + f) / (g x + h y + 1)`.
 */
export function perspectiveCoefficients(
  op: string,
  startpoints: readonly (readonly number[])[],
  endpoints: readonly (readonly number[])[],
): number[] {
  checkPoints(op, "startpoints", startpoints);
  checkPoints(op, "endpoints", endpoints);
  const rows = endpoints.flatMap(([x, y], i) => {
    const [u, v] = startpoints[i];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  const solved = solve(rows);
  if (!solved)
    throw new ArgumentError(
      op,
      `no view takes ${show(startpoints)} to ${show(endpoints)}`,
      "three of four points must not lie in a line",
    );
  // as PyTorch hands them on
  return solved.map(Math.fround);
}

/** Gauss's elimination with pivots, of equations with their right sides behind; null where there is no single solution. */
function solve(rows: number[][]): number[] | null {
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i);
    if (Math.abs(rows[pivot][i]) < 1e-9) return null;
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let k = i + 1; k < n; k++) {
      const factor = rows[k][i] / rows[i][i];
      for (let j = i; j <= n; j++) rows[k][j] -= factor * rows[i][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    const known = rows[i].slice(i + 1, n).reduce((sum, a, k) => sum + a * x[i + 1 + k], 0);
    x[i] = (rows[i][n] - known) / rows[i][i];
  }
  return x;
}
