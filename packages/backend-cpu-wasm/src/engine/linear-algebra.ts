import type { LinearAlgebra } from "@flambeau/tensor/plugin";
import type { Engine } from "./engine.ts";
import { setArguments, withWorkspace } from "./workspace.ts";

/** Room for float64 values in the heap, one after the other. */
interface Room {
  /** Copies values in; gives their address. */
  put(values: Float64Array): number;
  /** Leaves room for `count` values. */
  leave(count: number): number;
  /** What stands at an address now. */
  get(address: number, count: number): Float64Array;
  /** Puts it in the place of other values. */
  give(address: number, to: Float64Array): void;
}

function withRoom<T>(engine: Engine, count: number, use: (room: Room) => T): T {
  let result: T | undefined;
  withWorkspace(engine, "linalg", 8 * count, (address) => {
    let next = address;
    const leave = (values: number) => {
      const at = next;
      next += 8 * values;
      return at;
    };
    result = use({
      leave,
      put(values) {
        const at = leave(values.length);
        engine.f64.set(values, at / 8);
        return at;
      },
      get: (at, values) => engine.f64.slice(at / 8, at / 8 + values),
      give: (at, to) => to.set(engine.f64.subarray(at / 8, at / 8 + to.length)),
    });
  });
  return result as T; // `use` ran, or something was thrown
}

function run(engine: Engine, kernel: string, args: readonly number[]): void {
  setArguments(engine, 0, args);
  engine.fn(engine.staticKernel(kernel))(engine.desc, 0, 1);
}

/** Columns that native kernels take together; they want room for a copy of those, and for what becomes of the others. */
const panel = 32;
const panelRoom = (engine: Engine, rows: number): number => (engine.native ? panel * rows : 0);
const reflectionsRoom = (engine: Engine, m: number, n: number): number => panelRoom(engine, m + 2 * panel + 2 * n);

/** The places of `values` in order; equal ones stay in theirs. */
const orderOf = (values: Float64Array, compare: (x: number, y: number) => number): number[] =>
  Array.from(values, (_, i) => i).sort((i, j) => compare(values[i], values[j]));

/** Dense linear algebra by kernels that work with float64 vectors, on copies in the heap. */
export const linearAlgebra = (engine: Engine): LinearAlgebra => ({
  luFactor: (a, m, n) => {
    const k = Math.min(m, n);
    return withRoom(engine, m * n + k + panelRoom(engine, m), (room) => {
      const [at, pivots] = [room.put(a), room.leave(k)];
      run(engine, "lu_factor", [at, pivots, m, n, 0, room.leave(panelRoom(engine, m))]);
      room.give(at, a);
      return {
        pivots: engine.i32.slice(pivots / 4, pivots / 4 + k),
        info: engine.i32[engine.desc / 4 + 4],
      };
    });
  },
  luSolve: (lu, { pivots }, n, b, r) =>
    withRoom(engine, n * (n + r + 1), (room) => {
      const [factors, at, order] = [room.put(lu), room.put(b), room.leave(n)];
      engine.i32.set(pivots, order / 4);
      run(engine, "lu_solve", [factors, at, n, r, order]);
      room.give(at, b);
    }),
  triangularSolve: (a, n, b, r, { upper, unit }) =>
    withRoom(engine, n * (n + r), (room) => {
      const [triangle, at] = [room.put(a), room.put(b)];
      run(engine, "triangular_solve", [triangle, at, n, r, Number(upper), Number(unit)]);
      room.give(at, b);
    }),
  cholesky: (a, n) =>
    withRoom(engine, n * n + panelRoom(engine, n), (room) => {
      const at = room.put(a);
      run(engine, "cholesky", [at, n, 0, room.leave(panelRoom(engine, n))]);
      room.give(at, a);
      return engine.i32[engine.desc / 4 + 2];
    }),
  householder: (a, m, n) => {
    const k = Math.min(m, n);
    const more = reflectionsRoom(engine, m, n);
    return withRoom(engine, m * n + k + m + n + more, (room) => {
      const [at, taus] = [room.put(a), room.leave(k)];
      run(engine, "householder", [at, taus, m, n, room.leave(m + n), room.leave(more)]);
      room.give(at, a);
      return room.get(taus, k);
    });
  },
  reflected(a, taus, m, n, columns) {
    const more = reflectionsRoom(engine, m, columns);
    return withRoom(engine, m * n + taus.length + m + columns + m * columns + more, (room) => {
      const [at, sizes, q] = [room.put(a), room.put(taus), room.leave(m * columns)];
      run(engine, "reflected", [at, sizes, m, n, room.leave(m + columns), q, columns, room.leave(more)]);
      return room.get(q, m * columns);
    });
  },
  symmetricEigen: (a, n) =>
    withRoom(engine, 3 * n * n + 4 * n, (room) => {
      const [at, found, rows] = [room.put(a), room.leave(n), room.leave(n * n)];
      run(engine, "symmetric_eigen", [at, found, rows, n, room.leave(n * n + 3 * n)]);
      const [values, vectors] = [room.get(found, n), new Float64Array(n * n)];
      const order = orderOf(values, (x, y) => x - y);
      const { f64 } = engine;
      order.forEach((from, to) => {
        const row = rows / 8 + from * n;
        for (let k = 0; k < n; k++) vectors[k * n + to] = f64[row + k];
      });
      return { values: Float64Array.from(order, (i) => values[i]), vectors };
    }),
  tallSvd: (a, m, n) =>
    withRoom(engine, 3 * m * n + 2 * n * n + 5 * n, (room) => {
      const [at, found, left, right] = [room.put(a), room.leave(n), room.leave(n * m), room.leave(n * n)];
      run(engine, "tall_svd", [at, found, left, right, m, n, room.leave(n * m + n * n + 4 * n)]);
      const values = room.get(found, n);
      const s = values.map(Math.abs);
      const order = orderOf(s, (x, y) => y - x);
      const [u, vh] = [new Float64Array(m * n), new Float64Array(n * n)];
      const { f64 } = engine;
      order.forEach((from, to) => {
        const [column, row] = [left / 8 + from * m, right / 8 + from * n];
        const sign = values[from] < 0 ? -1 : 1;
        for (let k = 0; k < m; k++) u[k * n + to] = f64[column + k];
        for (let k = 0; k < n; k++) vh[to * n + k] = sign * f64[row + k];
      });
      return { u, s: Float64Array.from(order, (i) => s[i]), vh };
    }),
});
