import { Expr, input } from "./expr.ts";

// Expressions taken apart and put together anew, each shared part once.

export function inputsOf(e: Expr, found = new Set<number>(), seen = new Set<Expr>()): Set<number> {
  if (seen.has(e)) return found;
  seen.add(e);
  if (e.op === "input") found.add(e.value);
  for (const a of e.args) inputsOf(a, found, seen);
  return found;
}

export function collectInputs(e: Expr, found: Expr[], seen = new Set<Expr>()): void {
  if (seen.has(e)) return;
  seen.add(e);
  if (e.op === "input") found.push(e);
  for (const a of e.args) collectInputs(a, found, seen);
}

function rebuild(e: Expr, replace: (e: Expr) => Expr | null, seen: Map<Expr, Expr>): Expr {
  const done = seen.get(e);
  if (done) return done;
  let out = replace(e);
  if (out === null) {
    const args = e.args.map((a) => rebuild(a, replace, seen));
    out = args.every((a, i) => a === e.args[i]) ? e : new Expr(e.op, args, e.value, e.type);
  }
  seen.set(e, out);
  return out;
}
export const substitute = (e: Expr, from: Expr, to: Expr): Expr =>
  rebuild(e, (x) => (x === from && x.args.length > 0 ? to : null), new Map());
export function renumber(e: Expr, numbering: ReadonlyMap<number, number>): Expr {
  const made = new Map<number, Expr>();
  return rebuild(
    e,
    (x) => {
      if (x.op !== "input") return null;
      const n = numbering.get(x.value) as number; // every input of e is numbered
      let y = made.get(n);
      if (!y) made.set(n, (y = input(n)));
      return y;
    },
    new Map(),
  );
}
