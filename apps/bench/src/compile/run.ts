import { type Compiled, compile, cpuWasm, manualSeed, registerBackend, type Tensor, tidy } from "flambeau";
import { iterationsFor, median } from "../statistics.ts";
import type { CompileRow } from "./rows.ts";

type Stats = ReturnType<Compiled<() => Tensor>["stats"]>;
export interface CompileFigure {
  readonly row: CompileRow;
  /** Milliseconds of a call: of the function, compiled, and replayed. */
  readonly ms: { readonly eager: number; readonly compiled: number; readonly replayed: number };
  /** Medians over the rounds of compiled by eager, and of replayed by eager. */
  readonly ratio: { readonly compiled: number; readonly replayed: number };
  readonly kernels: Stats["kernels"];
  readonly bytes: Stats["bytes"];
}

const batchMs = 60;
/** Milliseconds, and calls: what is timed has its last tier of machine code by then, the program and what takes it down. */
const warmUp = { ms: 800, calls: 6 };

function timeOf(call: () => Tensor, iterations: number): number {
  const start = performance.now();
  for (let i = 0; i < iterations; i++) tidy(() => void call());
  return (performance.now() - start) / iterations;
}

/** A row: the three take turns, batch by batch, and whoever begins moves on by one. */
export function timeRow(row: CompileRow, rounds: number): CompileFigure {
  const make = () => {
    manualSeed(0);
    return row.make();
  };
  const compiled = compile(make());
  const calls = [make(), compiled, compile(make(), { replay: true })];
  for (const call of calls) for (let ms = 0; ms < warmUp.ms; ) ms += timeOf(call, warmUp.calls) * warmUp.calls;
  const iterations = iterationsFor(timeOf(calls[0], 2), batchMs);
  const times = calls.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < calls.length; i++) {
      const turn = (i + round) % calls.length;
      times[turn].push(timeOf(calls[turn], iterations));
    }
  const [eager, once, replayed] = times.map(median);
  const ratio = (which: number) => median(times[which].map((t, i) => t / times[0][i]));
  const { kernels, bytes } = compiled.stats();
  return {
    row,
    ms: { eager, compiled: once, replayed },
    ratio: { compiled: ratio(1), replayed: ratio(2) },
    kernels,
    bytes,
  };
}

export function runCompile(
  rows: readonly CompileRow[],
  { threads, rounds }: { readonly threads: number; readonly rounds: number },
  progress: (line: string) => void,
): CompileFigure[] {
  registerBackend(cpuWasm({ threads }));
  return rows.map((row) => {
    progress(row.name);
    return timeRow(row, rounds);
  });
}
