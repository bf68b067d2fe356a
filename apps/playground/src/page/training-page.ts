import type { DeviceName, Report, Request, Settings } from "../training/protocol.ts";
import { Chart, type ChartOptions } from "./chart.ts";
import { at, say } from "./elements.ts";
import { deviceTitles, Figures } from "./figures.ts";
import { Session } from "./session.ts";
import { type Field, FieldsForm } from "./settings.ts";
import { detectSupport } from "./support.ts";

export type Phase = "opening" | "ready" | "training" | "paused" | "finished" | "failed";

/** What one page is beside the others. */
export interface PageParts<R> {
  /** Starts the worker that trains. */
  readonly worker: () => Worker;
  readonly fields: readonly Field<keyof Settings>[];
  /** What is measured beside the loss, and how it is written as a figure. */
  readonly measure: ChartOptions & { readonly figure: (value: number) => string };
  /** What is said when all epochs are done. */
  readonly finished: string;
  /** Hears what this page's worker says beyond what all do. */
  readonly hear: (report: Exclude<R, Report>) => void;
  /** The network has changed: it is there, has learned or has stopped to learn. */
  readonly changed?: () => void;
  /** There is a new network: what was asked of the old one will not be answered. */
  readonly restarted?: () => void;
  readonly phase?: (phase: Phase) => void;
}

/** What the pages have in common: a form that trains a network on a device, its curves and figures, and what the status line says. */
export class TrainingPage<Q, R extends { readonly type: string }> {
  readonly #parts: PageParts<R>;
  readonly #form = at("controls", HTMLFormElement);
  readonly #runButton = at("run", HTMLButtonElement);
  readonly #figures = new Figures((id) => at(id, HTMLElement), at("memory", HTMLTableSectionElement));
  readonly #lossChart = new Chart(at("loss-chart", HTMLElement), {
    label: "Loss",
    color: "--loss",
    range: [0, null],
    format: (value) => value.toFixed(2),
  });
  readonly #measureChart: Chart;
  readonly #settings: FieldsForm<keyof Settings>;
  #phase: Phase = "opening";
  #session: Session<Q | Request, R | Report>;

  constructor(parts: PageParts<R>) {
    this.#parts = parts;
    this.#measureChart = new Chart(at("measure-chart", HTMLElement), parts.measure);
    this.#settings = new FieldsForm(this.#form, parts.fields, (settings) => this.ask({ type: "settings", settings }));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#runOrPause();
    });
    this.#form.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "device") this.#restart(target.value as DeviceName); // the radios' values
    });
    at("reset", HTMLButtonElement).addEventListener("click", () => this.#restart(this.#session.device));
    this.#session = this.#open("cpu", "");
    void this.#tellSupport();
  }

  get phase(): Phase {
    return this.#phase;
  }

  ask(request: Q | Request): void {
    this.#session.ask(request);
  }

  #runOrPause(): void {
    if (this.#phase === "training") {
      this.ask({ type: "pause" });
      return;
    }
    const settings = this.#settings.read();
    if (!settings) {
      this.#settings.focusWrong();
      return;
    }
    this.#setPhase("training", `Training on ${deviceTitles[this.#session.device]}…`);
    this.ask({ type: "train", settings });
  }

  /** Begin with a fresh network. @param why stands before what the status line says when it is open */
  #open(device: DeviceName, why: string): Session<Q | Request, R | Report> {
    this.#setPhase("opening", `${why}Opening ${deviceTitles[device]}…`);
    this.#figures.clear();
    this.#lossChart.clear();
    this.#measureChart.clear();
    return new Session(this.#parts.worker(), device, (report) => this.#hear(report, why));
  }

  #restart(device: DeviceName, why = ""): void {
    this.#session.close();
    this.#session = this.#open(device, why);
    this.#parts.restarted?.();
  }

  #setPhase(next: Phase, status: string): void {
    this.#phase = next;
    document.body.dataset.phase = next;
    say("state", status);
    this.#runButton.disabled = next === "opening" || next === "failed";
    this.#runButton.textContent =
      { training: "Pause", paused: "Continue", finished: "Train on" }[next as string] ?? "Start";
    this.#parts.phase?.(next);
  }

  #hear(report: R | Report, why: string): void {
    const title = deviceTitles[this.#session.device];
    const figures = this.#figures;
    if (!isShared(report)) {
      this.#parts.hear(report as Exclude<R, Report>); // by its type
      return;
    }
    switch (report.type) {
      case "opened":
        say("device-info", `${title}: ${report.info}`);
        say("data-info", report.data);
        this.#setPhase("ready", `${why}Ready on ${title}.`);
        break;
      case "progress":
        this.#lossChart.append(report.step, report.losses);
        figures.set("step", report.step.toLocaleString("en"));
        figures.set("epoch", report.epoch.toLocaleString("en"));
        figures.set("loss", report.losses[report.losses.length - 1].toFixed(4));
        figures.set("speed", Math.round(report.perSecond).toLocaleString("en"));
        figures.setMemory(report.memory);
        say("device-info", `${title}: ${report.info}`);
        break;
      case "measured":
        this.#measureChart.append(report.step, [report.value]);
        figures.set("measure", this.#parts.measure.figure(report.value));
        figures.set("epoch", report.epoch.toLocaleString("en"));
        return;
      case "stopped":
        if (report.reason === "paused") this.#setPhase("paused", "Paused.");
        else this.#setPhase("finished", this.#parts.finished);
        break;
      case "failed":
        this.#failed(report.message);
        return;
    }
    this.#parts.changed?.();
  }

  /** WebGPU may be refused, or lost in the middle of it: WebAssembly goes on. */
  #failed(message: string): void {
    if (this.#session.device !== "webgpu") {
      this.#setPhase("failed", `Training stopped: ${message} Press Reset to begin again.`);
      return;
    }
    at("device-cpu", HTMLInputElement).checked = true;
    this.#restart("cpu", `WebGPU failed: ${message} Went back to WebAssembly. `);
  }

  async #tellSupport(): Promise<void> {
    const { webgpuMissing, threadsMissing } = await detectSupport();
    if (webgpuMissing) {
      say("webgpu-notice", `WebGPU is missing: ${webgpuMissing}. Training runs on WebAssembly.`);
      at("device-webgpu", HTMLInputElement).disabled = true;
    }
    if (threadsMissing) say("threads-notice", `WebAssembly runs on one thread: ${threadsMissing}.`);
  }
}

const shared: readonly string[] = ["opened", "progress", "measured", "stopped", "failed"] satisfies Report["type"][];
const isShared = <R extends { readonly type: string }>(report: R | Report): report is Report =>
  shared.includes(report.type);
