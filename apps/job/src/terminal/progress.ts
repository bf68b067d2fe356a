/** What a line of progress tells. */
export interface Status {
  /** What goes on: "epoch 2/3". */
  readonly head: string;
  /** Steps done of it, and its number of steps. */
  readonly step: number;
  readonly steps: number;
  /** Figures with their names: "loss 0.3123". */
  readonly figures: readonly string[];
  /** Steps in a second, lately. */
  readonly rate: number;
  /** Seconds to the end of the training, NaN while unknown. */
  readonly eta: number;
}

/** Where the lines go: process.stdout, or a double of it. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const plainEverySeconds = 5;
const redrawEverySeconds = 0.1;
const eraseLine = "\r\x1b[2K";

/** Progress as one line that is redrawn on a terminal, and as a plain line every few seconds elsewhere. */
export class Progress {
  readonly #screen: Screen;
  readonly #now: () => number;
  #shown = Number.NEGATIVE_INFINITY;
  #drawn = false;

  /** @param now the time in seconds */
  constructor(screen: Screen, now: () => number = () => performance.now() / 1000) {
    this.#screen = screen;
    this.#now = now;
  }

  update(status: Status): void {
    const now = this.#now();
    const every = this.#screen.isTTY ? redrawEverySeconds : plainEverySeconds;
    if (now - this.#shown < every) return;
    this.#shown = now;
    if (this.#screen.isTTY) {
      this.#screen.write(eraseLine + progressLine(status, this.#screen.columns ?? 80));
      this.#drawn = true;
    } else this.#screen.write(`${progressLine(status, 0)}\n`);
  }

  /** Print a line for good; the redrawn one comes back below it at the next update. */
  print(line: string): void {
    if (this.#drawn) this.#screen.write(eraseLine);
    this.#drawn = false;
    this.#screen.write(`${line}\n`);
    this.#shown = this.#screen.isTTY ? Number.NEGATIVE_INFINITY : this.#now();
  }
}

/** The line of a status, cut to `columns`, with a bar where they leave room for one; 0 columns are no terminal: all of it, no bar. */
export function progressLine(status: Status, columns: number): string {
  const { head, step, steps, figures, rate, eta } = status;
  const done = `${`${step}`.padStart(`${steps}`.length)}/${steps}`;
  const tail = [done, `${rate.toFixed(1)} it/s`, ...figures, `ETA ${duration(eta)}`].join("  ");
  if (columns === 0) return `${head}  ${tail}`;
  // the last column stays free: some terminals wrap as soon as it is filled
  const room = Math.min(40, columns - 1 - head.length - tail.length - 2);
  return (room < 5 ? `${head} ${tail}` : `${head} ${bar(step / steps, room)} ${tail}`).slice(0, columns - 1);
}

/** A bar of `width` characters, the fraction of it filled to an eighth of a character. */
function bar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, fraction) * width * 8);
  const partial = " ▏▎▍▌▋▊▉"[eighths % 8];
  return ("█".repeat(eighths >> 3) + (eighths % 8 ? partial : "")).padEnd(width, "░");
}

/** Seconds as m:ss or h:mm:ss, `-:--` while unknown. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-:--";
  const whole = Math.round(seconds);
  const two = (n: number) => `${n}`.padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
