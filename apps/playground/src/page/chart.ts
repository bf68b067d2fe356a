import uPlot from "uplot";
import { Curve } from "./curve.ts";

export interface ChartOptions {
  /** What the y axis shows, for the description that screen readers get. */
  readonly label: string;
  /** The custom property that holds the line's colour. */
  readonly color: string;
  readonly range: [min: number, max: number | null];
  readonly format: (value: number) => string;
}

const height = 170;
const mostPoints = 1000;

/** A live curve over training steps. */
export class Chart {
  readonly #element: HTMLElement;
  readonly #options: ChartOptions;
  #curve = new Curve(mostPoints);
  #plot: uPlot;

  constructor(element: HTMLElement, options: ChartOptions) {
    this.#element = element;
    this.#options = options;
    element.setAttribute("role", "img");
    this.#plot = this.#draw();
    this.#describe();
    new ResizeObserver(() => {
      if (element.clientWidth !== this.#plot.width) this.#plot.setSize({ width: element.clientWidth, height });
    }).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#plot.destroy();
      this.#plot = this.#draw();
    });
  }

  /** Colours are baked into the plot: a change of scheme makes a new one. */
  #draw(): uPlot {
    const { color, range, format } = this.#options;
    const style = getComputedStyle(this.#element);
    const axis: uPlot.Axis = {
      stroke: style.getPropertyValue("--muted"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: style.getPropertyValue("--line"), width: 1 },
      ticks: { show: false },
    };
    return new uPlot(
      {
        width: this.#element.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: (_, min, max) => [min ?? 0, Math.max(max ?? 0, (min ?? 0) + 1)] },
          y: { range: (_, _min, max) => [range[0], range[1] ?? Math.max(max ?? 1, 0.1)] },
        },
        axes: [
          { ...axis, size: 28, values: (_, steps) => steps.map((step) => step.toLocaleString("en")) },
          { ...axis, size: 46, values: (_, values) => values.map(format) },
        ],
        series: [{}, { stroke: style.getPropertyValue(color), width: 2, points: { show: false } }],
      },
      this.#curve.points,
      this.#element,
    );
  }

  #describe(): void {
    const [xs, ys] = this.#curve.points;
    const { label, format } = this.#options;
    const last = xs.length ? `${format(ys[ys.length - 1])} at step ${xs[xs.length - 1]}` : "no steps yet";
    this.#element.setAttribute("aria-label", `${label} over training steps: ${last}`);
  }

  /** Append values, the last of which belongs to `step` and those before to the steps before. */
  append(step: number, values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.#curve.push(step - values.length + 1 + i, values[i]);
    this.#plot.setData(this.#curve.points);
    this.#describe();
  }

  clear(): void {
    this.#curve = new Curve(mostPoints);
    this.#plot.setData(this.#curve.points);
    this.#describe();
  }
}
