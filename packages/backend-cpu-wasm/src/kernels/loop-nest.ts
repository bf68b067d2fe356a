/** Loops over some dimensions, innermost first: sizes, and steps in bytes by `loop * views + view`. */
export class LoopNest {
  readonly sizes: number[] = [];
  readonly steps: number[] = [];
  loops = 0;
  /** How many elements the loops visit. */
  total = 1;

  clear(): void {
    this.loops = 0;
    this.total = 1;
  }
  /** Adds a loop of `size` around the others whose steps stand behind the last loop's; joins it to that one where it can. */
  push(size: number, views: number): void {
    this.total *= size;
    if (size === 1) return;
    const { sizes, steps } = this;
    const next = this.loops * views;
    if (this.loops > 0) {
      const last = next - views;
      let joins = true;
      for (let v = 0; joins && v < views; v++) joins = steps[next + v] === steps[last + v] * sizes[this.loops - 1];
      if (joins) {
        sizes[this.loops - 1] *= size;
        return;
      }
    }
    sizes[this.loops++] = size;
  }
  /** A nest without loops becomes one of a single step. */
  close(views: number, step: (view: number) => number): void {
    if (this.loops > 0) return;
    this.loops = 1;
    this.sizes[0] = 1;
    for (let v = 0; v < views; v++) this.steps[v] = step(v);
  }
}
