import { curves, type Plot } from "@flambeau/plot";
import { ArgumentError } from "@flambeau/tensor";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";

export interface ProgressOptions {
  /** What the curves show. Default "Training". */
  readonly title?: string | undefined;
  /** The name of the steps. Default "step". */
  readonly x?: string | undefined;
}
const progressKinds: Kinds<ProgressOptions> = { title: option.string, x: option.string };

/** Deno's kernel: what a running cell may send to its notebook. */
interface Kernel {
  broadcast(type: string, content: object): Promise<void>;
}

/** A picture is sent no more often than this, in milliseconds. */
const pause = 250;
let made = 0;

/**
 * A training's figures while it goes on: a curve for each name. In Deno's notebooks the picture is there from the first figure on and
 * follows; everywhere else it is what `plot()` gives.
 *
 * @throws ArgumentError from `add` for what is no number.
 * @example
 * import { Progress } from "flambeau/notebook";
 * const progress = new Progress({ title: "Loss" });
 * for (const loss of [2.3, 1.1, 0.7]) await progress.add({ training: loss });
 * progress.plot().title; // "Loss"
 */
export class Progress {
  private readonly title: string;
  private readonly x: string;
  private readonly figures = new Map<string, { x: number[]; y: number[] }>();
  private readonly id = `flambeau-progress-${++made}`;
  private steps = 0;
  private sent: number | null = null;

  constructor(options: ProgressOptions = {}) {
    checkOptions("Progress", progressKinds, options);
    const { title = "Training", x = "step" } = options;
    this.title = title;
    this.x = x;
  }

  /** The figures of one more step. */
  async add(figures: Readonly<Record<string, number>>): Promise<void> {
    if (typeof figures !== "object" || figures === null)
      throw new ArgumentError("Progress.add", `figures are numbers by name, got ${show(figures)}`);
    const all = Object.entries(figures);
    const odd = all.find(([, value]) => typeof value !== "number");
    if (odd) throw new ArgumentError("Progress.add", `${odd[0]} must be a number, got ${show(odd[1])}`);
    for (const [name, value] of all) {
      const curve = this.figures.get(name) ?? { x: [], y: [] };
      this.figures.set(name, curve);
      curve.x.push(this.steps);
      curve.y.push(value);
    }
    this.steps++;
    if (this.sent === null || Date.now() - this.sent >= pause) await this.send();
  }

  /** The curves so far. */
  plot(): Plot {
    const series = [...this.figures].map(([name, { x, y }]) => ({ name, x, y }));
    return curves(series, { title: this.title, x: this.x });
  }

  /** Sends the picture to the notebook, where there is one. Called when the training is over it shows the last figures. */
  async send(): Promise<void> {
    const kernel = (globalThis as { Deno?: { jupyter?: Kernel } }).Deno?.jupyter;
    if (!kernel) return;
    const first = this.sent === null;
    this.sent = Date.now();
    const { svg, title } = this.plot();
    await kernel.broadcast(first ? "display_data" : "update_display_data", {
      data: { "image/svg+xml": svg, "text/plain": title },
      metadata: {},
      transient: { display_id: this.id },
    });
  }

  [Symbol.for("Jupyter.display")](): Readonly<Record<string, string>> {
    const { svg, title } = this.plot();
    return { "image/svg+xml": svg, "text/plain": `Progress(${title}, ${this.steps} steps)` };
  }
}
