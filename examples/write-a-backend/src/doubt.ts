import { bytesOf, isContiguous, sizeOf } from "@flambeau/tensor/plugin";
import type { DistantView, KernelName } from "./protocol.ts";

/** Which arguments a kernel writes. All other views it reads; `scatter` reads its target, too. */
const written: Readonly<Record<KernelName, readonly number[]>> = {
  map: [3],
  reduce: [4],
  argReduce: [2],
  scan: [2, 4],
  matmul: [2],
  gather: [2],
  scatter: [1],
  sort: [1, 2],
  random: [0],
  linear: [1],
};

/**
 * Which memory depends on a check that failed. A program goes on after such a check, so that nobody waits, and hears of it when
 * it reads what was computed from it. Checks are counted: of several that failed the first is told.
 */
export class Doubt {
  private readonly contents = new Map<number, number>();
  private readonly indices = new Map<number, number>();

  /** What a check of this index found: what is computed with it depends on that. */
  failed(index: DistantView, check: number): void {
    this.indices.set(index.buffer, first(this.indices.get(index.buffer), check));
  }

  /** The failed check on which a buffer's bytes depend. */
  of(buffer: number): number | undefined {
    return this.contents.get(buffer);
  }

  /** New contents: nothing is left of the old ones. */
  renew(buffer: number): void {
    this.contents.delete(buffer);
    this.indices.delete(buffer);
  }

  /** Follows a kernel's call. True when it depends on a failed check, and so must not run: its index may lie anywhere. */
  follow(kernel: KernelName, args: readonly unknown[], lengthOf: (buffer: number) => number): boolean {
    const outputs = written[kernel].flatMap((place) => viewsIn(args[place]));
    const inputs = args.flatMap((arg, place) =>
      written[kernel].includes(place) && kernel !== "scatter" ? [] : viewsIn(arg),
    );
    const causes = inputs.flatMap(({ buffer }) => [this.contents.get(buffer), this.indices.get(buffer)]);
    const cause = causes.reduce(first, undefined);
    for (const view of outputs) {
      const whole =
        isContiguous(view.shape, view.strides) && sizeOf(view.shape) * bytesOf(view.dtype) === lengthOf(view.buffer);
      if (whole) this.renew(view.buffer);
      if (cause !== undefined) this.contents.set(view.buffer, first(this.contents.get(view.buffer), cause));
    }
    return cause !== undefined;
  }
}

/** The earlier of two checks, of which either may be absent. */
function first(a: number | undefined, b: number): number;
function first(a: number | undefined, b: number | undefined): number | undefined;
function first(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

/** A view, a list of views, or something else: the views in it. */
function viewsIn(arg: unknown): DistantView[] {
  if (Array.isArray(arg)) return arg.flatMap(viewsIn);
  return typeof arg === "object" && arg !== null && "buffer" in arg ? [arg as DistantView] : [];
}
