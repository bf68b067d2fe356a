import { type Calls, callsFor, kinds, type Row } from "./rows.ts";
import type { Session } from "./session.ts";

/** The checkouts that take turns: the other commit, the working tree, and a second copy of the working tree. */
export const sides = ["old", "new", "again"] as const;
export type Side = (typeof sides)[number];
/** A row's figure of each turn on each side, or the side that could not run it and why. */
export type Series = { row: Row; threads: number } & ({ figures: Figures; first?: Figures } | Failure);
/** A figure for each turn; `first` above are those of an earlier look, which put the row over its limit. */
type Figures = Record<Side, number[]>;
type Failure = { side: Side; unsupported: string };
/** Rows to run with so many threads. */
export type Part = { threads: number; rows: readonly Row[] };
type Open = (side: Side, threads: number) => Promise<Session>;
type Entry = { row: Row; calls: Calls; figures: Figures; failed?: Failure };

/**
 * Measure rows on the three checkouts. A turn is a fresh process of each of them; for each row they take turns again, batch by
 * batch, so that what slows the machine down for a while slows all of them. Who begins moves on by one, each time.
 */
export async function compare(
  open: Open,
  parts: readonly Part[],
  { pairs, progress }: { pairs: number; progress: (line: string) => void },
): Promise<Series[]> {
  const states: { threads: number; entries: Entry[] }[] = [];
  for (const { threads, rows } of parts) {
    progress(`trying the rows, ${threads} ${threads === 1 ? "thread" : "threads"}`);
    states.push({ threads, entries: await within(open, threads, (sessions) => tryOut(sessions, rows)) });
  }
  const start = performance.now();
  for (let pair = 0; pair < pairs; pair++) {
    const left = ((performance.now() - start) / pair) * (pairs - pair);
    progress(`pair ${pair + 1} of ${pairs}${pair > 0 ? `, ${Math.ceil(left / 1000)} s to go` : ""}`);
    for (const { threads, entries } of states) {
      const able = entries.filter(({ failed }) => !failed);
      if (able.length > 0) await within(open, threads, (sessions) => measureAll(sessions, able, pair));
    }
  }
  return states.flatMap(({ threads, entries }) =>
    entries.map(({ row, failed, figures }) => ({ row, threads, ...(failed ?? { figures }) })),
  );
}

type Sessions = Record<Side, Session>;

/** Work on fresh processes of all sides, which end with it. */
async function within<T>(open: Open, threads: number, work: (sessions: Sessions) => Promise<T>): Promise<T> {
  const opened = await Promise.all(sides.map((side) => open(side, threads)));
  try {
    const [old, current, again] = opened;
    return await work({ old, new: current, again });
  } finally {
    await Promise.all(opened.map((session) => session.close()));
  }
}

/** A first, unmeasured turn: who can run what, and how often to call it. All sides make the same calls then. */
async function tryOut(sessions: Sessions, rows: readonly Row[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const row of rows) {
    let slowest = 0;
    let failed: Failure | undefined;
    for (const side of sides) {
      const cost = await costOf(sessions[side], row);
      if (typeof cost === "number") slowest = Math.max(slowest, cost);
      else failed = { side, ...cost }; // the working tree, which comes last, has the say
    }
    entries.push({
      row,
      calls: callsFor(row, slowest),
      figures: { old: [], new: [], again: [] },
      ...(failed && { failed }),
    });
  }
  return entries;
}

/** What a call of a row costs, from growing batches; nothing where the row says how often to call it. */
async function costOf(session: Session, { name, calls: fixed }: Row): Promise<number | { unsupported: string }> {
  let perCall = Number.POSITIVE_INFINITY;
  for (let spent = 0, calls = fixed ?? 1, batches = 0; spent < 150 || batches < 3; batches++) {
    const answer = await session.ask({ run: name, iterations: calls });
    if ("unsupported" in answer) return answer;
    if (fixed) return 0;
    perCall = Math.min(perCall, answer.ms / calls);
    spent += answer.ms;
    calls = Math.min(calls * 16, Math.max(1, Math.round(20 / Math.max(perCall, 1e-6))));
    if (spent > 5000) break;
  }
  return perCall;
}

async function measureAll(sessions: Sessions, entries: readonly Entry[], pair: number): Promise<void> {
  for (const entry of entries) {
    const measured = await measure(sessions, entry, pair);
    if ("unsupported" in measured) entry.failed = measured;
    else for (const side of sides) entry.figures[side].push(kinds[entry.row.kind].figure(measured[side]));
  }
}

/** One turn of a row: the figures of its batches, by call. */
async function measure(sessions: Sessions, { row, calls }: Entry, pair: number): Promise<Figures | Failure> {
  const values: Figures = { old: [], new: [], again: [] };
  if (calls.warm > 0) {
    // all at once: nothing is measured yet, and most of the time goes here
    const warm = async (side: Side) => ({
      side,
      ...(await sessions[side].ask({ run: row.name, iterations: calls.warm })),
    });
    for (const answer of await Promise.all(sides.map(warm))) if ("unsupported" in answer) return answer;
  }
  for (let batch = 0; batch < calls.batches; batch++) {
    for (let i = 0; i < sides.length; i++) {
      const side = sides[(pair + batch + i) % sides.length];
      const answer = await sessions[side].ask({ run: row.name, iterations: calls.batch });
      if ("unsupported" in answer) return { side, ...answer };
      values[side].push(answer.ms / calls.batch);
    }
  }
  return values;
}
