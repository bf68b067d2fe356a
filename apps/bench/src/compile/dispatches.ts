import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { commandOn } from "../rivals.ts";
import { findAdapter } from "../webgpu/adapter.ts";
import type { CompileRow } from "./rows.ts";

/** Dispatches of one call on WebGPU. */
export interface DispatchFigure {
  readonly name: string;
  readonly eager: number;
  readonly compiled: number;
}

/** Counts what rows ask of WebGPU, in a process that finds an adapter. @throws Error when there is none. */
export async function countDispatches(rows: readonly CompileRow[]): Promise<DispatchFigure[]> {
  const adapter = await findAdapter();
  if ("unavailable" in adapter) throw new Error(`--webgpu: ${adapter.unavailable}`);
  const { file, args, env } = commandOn("dispatches", adapter.env);
  const { stdout } = await promisify(execFile)(file, [...args, ...rows.map(({ name }) => name)], {
    env: { ...process.env, ...env },
  });
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as DispatchFigure); // one of ours wrote them
}

const times = ({ eager, compiled }: DispatchFigure): number => compiled / eager;
const limitOf = (name: string, rows: readonly CompileRow[]): number | undefined =>
  rows.find((row) => row.name === name)?.dispatchLimit;

/** A heading, then a line for each row. */
export function dispatchCells(figures: readonly DispatchFigure[], rows: readonly CompileRow[]): string[][] {
  return [
    ["", "dispatches", "÷", "limit"],
    ...figures.map((figure) => [
      rows.find(({ name }) => name === figure.name)?.title ?? figure.name,
      `${figure.eager} → ${figure.compiled}`,
      times(figure).toFixed(2),
      String(limitOf(figure.name, rows) ?? "–"),
    ]),
  ];
}

/** What is over its limit. */
export const overDispatchLimit = (figures: readonly DispatchFigure[], rows: readonly CompileRow[]): string[] =>
  figures.flatMap((figure) => {
    const limit = limitOf(figure.name, rows);
    return limit === undefined || times(figure) <= limit
      ? []
      : [`${figure.name}: compiled takes ${times(figure).toFixed(2)} of the dispatches on WebGPU, limit ${limit}`];
  });
