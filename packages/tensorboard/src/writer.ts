import { ArgumentError, type Tensor, UnavailableError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { EventFile, fileAt, listIn } from "./event-file.ts";
import { type Bins, histogramOf } from "./histogram.ts";
import { checkImage, type DataFormats, dataFormats, pixelsOf } from "./image.ts";
import * as messages from "./messages.ts";
import { isTensor, numbersOf } from "./numbers.ts";
import { png } from "./png.ts";
import type { Message } from "./wire.ts";

export interface SummaryWriterOptions {
  /** Put behind the folder's name where none is given. Default: none. */
  comment?: string | undefined;
  /** Where a run begins again: what other files of the folder have from this step on is not shown. Default: none. */
  purgeStep?: number | undefined;
  /** Events that wait to be written together. Default: 10. */
  maxQueue?: number | undefined;
  /** Seconds after which what waits is written. Default: 120. */
  flushSecs?: number | undefined;
  /** Put behind the files' names. Default: none. */
  filenameSuffix?: string | undefined;
  /** Keep the files in memory, for {@link SummaryWriter.files} to give. Default: where there is no file system. */
  memory?: boolean | undefined;
}
const writerKinds: Kinds<SummaryWriterOptions> = {
  comment: option.string,
  purgeStep: option.number,
  maxQueue: option.number,
  flushSecs: option.number,
  filenameSuffix: option.string,
  memory: option.boolean,
};

export interface EventOptions {
  /** Seconds since 1970. Default: now. */
  walltime?: number | undefined;
}
const eventKinds: Kinds<EventOptions> = { walltime: option.number };

export interface ScalarOptions extends EventOptions {
  /** As a tensor, which TensorBoard reads faster. Default: false. */
  newStyle?: boolean | undefined;
  /** With `newStyle`: as a double. Default: false. */
  doublePrecision?: boolean | undefined;
}
const scalarKinds: Kinds<ScalarOptions> = { ...eventKinds, newStyle: option.boolean, doublePrecision: option.boolean };

export interface HistogramOptions extends EventOptions {
  /** Default: "tensorflow". */
  bins?: Bins | undefined;
}
const histogramKinds: Kinds<HistogramOptions> = {
  ...eventKinds,
  bins: option.either(option.oneOf("tensorflow"), option.numbers),
};

export interface ImageOptions extends EventOptions {
  /** What each dimension is. Default: "CHW", of `addImages` "NCHW". */
  dataFormats?: DataFormats | undefined;
}
const imageKinds: Kinds<ImageOptions> = { ...eventKinds, dataFormats: option.oneOf(...dataFormats) };

export interface HparamsOptions {
  /** The values that a hyperparameter can have, by its name. Default: not said. */
  domainDiscrete?: { readonly [name: string]: readonly (number | string | boolean)[] } | undefined;
  /** The folder of this session, below the writer's. Default: the time. */
  runName?: string | undefined;
  /** The step of the metrics. Default: 0. */
  globalStep?: number | undefined;
}
const hparamsKinds: Kinds<HparamsOptions> = {
  domainDiscrete: option.object,
  runName: option.string,
  globalStep: option.number,
};

/** Files of one process get numbers. */
let files = 0;
const twoDigits = (n: number) => String(n).padStart(2, "0");

/**
 * Writes event files for TensorBoard: PyTorch's `torch.utils.tensorboard.SummaryWriter`. `tensorboard --logdir runs` shows them.
 *
 * Methods take what they need at once and return: values are those of the moment of the call, and are written in the order of the calls. What goes wrong later
 * is thrown by `flush` and `close`. A page keeps the files in memory.
 *
 * Shapes: scalars are tensors of one element, images `[C, H, W]` or as `dataFormats` says, histograms take any.
 *
 * @param logDir the folder of the run. Default: `runs/` and time, host and comment.
 * @throws ArgumentError for arguments of another kind.
 * @see https://docs.pytorch.org/docs/stable/tensorboard.html
 * @example
 * const writer = new SummaryWriter("runs/first");
 * for (let step = 0; step < 3; step++) writer.addScalar("loss", tensor(1 / (step + 1)), step);
 * writer.addHistogram("weights", randn([100]), 0);
 * writer.addText("notes", "a first *try*");
 * await writer.close();
 */
export class SummaryWriter implements AsyncDisposable {
  /** The folder of the run. */
  readonly logDir: string;
  readonly #options: SummaryWriterOptions;
  /** By folder, in memory: by path. */
  readonly #files = new Map<string, EventFile>();
  readonly #memory: Map<string, Uint8Array[]> | undefined;
  #closed = false;

  constructor(logDir?: string, options: SummaryWriterOptions = {}) {
    const op = "SummaryWriter";
    checkOptions(op, writerKinds, options);
    if (logDir !== undefined && (typeof logDir !== "string" || logDir === "" || logDir.includes("\0")))
      throw new ArgumentError(op, `logDir must be a folder's path, got ${show(logDir)}`);
    const { maxQueue = 10, flushSecs = 120, purgeStep } = options;
    if (!Number.isInteger(maxQueue) || maxQueue < 1)
      throw new ArgumentError(op, `maxQueue must be a positive integer, got ${maxQueue}`);
    if (!(flushSecs >= 0)) throw new ArgumentError(op, `flushSecs must not be negative, got ${flushSecs}`);
    const hasFiles = typeof globalThis.process?.getBuiltinModule === "function";
    if (options.memory === false && !hasFiles)
      throw new UnavailableError(`${op}: there is no file system here`, "leave out the option memory");
    this.#memory = (options.memory ?? !hasFiles) ? new Map() : undefined;
    this.#options = options;
    this.logDir = logDir ?? `runs/${stamp(new Date())}_${host()}${options.comment ?? ""}`;
    const main = this.#file(this.logDir);
    if (purgeStep === undefined) return;
    const step = stepOf(op, purgeStep);
    for (const fill of [messages.fileVersion, messages.sessionStart])
      main.add(Promise.resolve(messages.event(Date.now() / 1000, step, fill)));
  }

  /** One number: a tensor of one element, or a number. */
  addScalar(tag: string, value: number | Tensor, globalStep?: number, options: ScalarOptions = {}): void {
    const op = "addScalar";
    checkOptions(op, scalarKinds, options);
    const { newStyle = false, doublePrecision = false, walltime } = options;
    const style = newStyle ? (doublePrecision ? "double" : "float") : "simple";
    this.#scalar(op, this.logDir, tag, value, globalStep, walltime, style);
  }

  /** Several numbers in one chart, each in a run of its own: `addScalars("loss", { train, test }, step)`. */
  addScalars(
    mainTag: string,
    values: { readonly [tag: string]: number | Tensor },
    globalStep?: number,
    options: EventOptions = {},
  ): void {
    const op = "addScalars";
    checkOptions(op, eventKinds, options);
    checkTag(op, mainTag);
    for (const [tag, value] of entriesOf(op, "the values", values)) checkScalar(op, tag, value);
    for (const [tag, value] of Object.entries(values)) {
      // a tag may hold slashes, of which a folder would be made
      const folder = `${this.logDir}/${`${mainTag}_${tag}`.replaceAll(/[/\\]/g, "_")}`;
      this.#scalar(op, folder, mainTag, value, globalStep, options.walltime);
    }
  }

  /** How values are distributed: a tensor of any shape, or a list of numbers. */
  addHistogram(
    tag: string,
    values: Tensor | ArrayLike<number>,
    globalStep?: number,
    options: HistogramOptions = {},
  ): void {
    const op = "addHistogram";
    checkOptions(op, histogramKinds, options);
    checkTag(op, tag);
    const { bins = "tensorflow", walltime } = options;
    checkBins(op, bins);
    this.#add(op, this.logDir, globalStep, walltime, numbers(op, values), (list) =>
      messages.histogram(tag, histogramOf(list, bins)),
    );
  }

  /** An image: bytes as they are (uint8), or numbers from 0 to 1. One channel is grey, three are RGB, four RGBA. */
  addImage(tag: string, image: Tensor, globalStep?: number, options: ImageOptions = {}): void {
    const op = "addImage";
    checkOptions(op, imageKinds, options);
    this.#image(op, tag, image, globalStep, options.walltime, options.dataFormats ?? "CHW");
  }

  /** A batch of images as a grid, eight in a row. */
  addImages(tag: string, images: Tensor, globalStep?: number, options: ImageOptions = {}): void {
    const op = "addImages";
    checkOptions(op, imageKinds, options);
    this.#image(op, tag, images, globalStep, options.walltime, options.dataFormats ?? "NCHW");
  }

  /** Text, in Markdown. */
  addText(tag: string, text: string, globalStep?: number, options: EventOptions = {}): void {
    const op = "addText";
    checkOptions(op, eventKinds, options);
    checkTag(op, tag);
    if (typeof text !== "string") throw new ArgumentError(op, `the text is a string, got ${show(text)}`);
    this.#add(op, this.logDir, globalStep, options.walltime, Promise.resolve(text), (each) => messages.text(tag, each));
  }

  /** Hyperparameters and what came of them, as a session of its own. `null` and `undefined` are left out. */
  addHparams(
    hparams: { readonly [name: string]: number | string | boolean | null | undefined },
    metrics: { readonly [tag: string]: number | Tensor },
    options: HparamsOptions = {},
  ): void {
    const op = "addHparams";
    checkOptions(op, hparamsKinds, options);
    const { domainDiscrete = {}, runName, globalStep } = options;
    const given: [string, messages.Hparam][] = [];
    for (const [name, value] of entriesOf(op, "the hyperparameters", hparams)) {
      if (value === null || value === undefined) continue;
      if (typeof value !== "number" && typeof value !== "string" && typeof value !== "boolean")
        throw new ArgumentError(op, `"${name}" must be a number, a string or a boolean, got ${show(value)}`);
      given.push([name, value]);
    }
    for (const [name, domain] of Object.entries(domainDiscrete)) {
      const value = given.find(([each]) => each === name)?.[1];
      if (!Array.isArray(domain) || value === undefined || domain.some((each) => typeof each !== typeof value))
        throw new ArgumentError(op, `domainDiscrete.${name} must be a list of values like that of "${name}"`);
    }
    for (const [tag, value] of entriesOf(op, "the metrics", metrics)) checkScalar(op, tag, value);
    if (runName === "") throw new ArgumentError(op, "runName must not be empty");
    const folder = `${this.logDir}/${runName ?? Date.now() / 1000}`;
    const tags = Object.keys(metrics);
    for (const message of [
      messages.experiment(given, tags, domainDiscrete),
      messages.sessionStartInfo(given),
      messages.sessionEndInfo(),
    ])
      this.#add(op, folder, globalStep, undefined, Promise.resolve(message), (each) => each);
    for (const tag of tags) this.#scalar(op, folder, tag, metrics[tag], globalStep, undefined);
  }

  /** Write everything that was added. @throws EventFileError and what reading a tensor threw, of all calls since the last `flush`. */
  async flush(): Promise<void> {
    await all([...this.#files.values()].map((file) => file.flush()));
  }

  /** {@link SummaryWriter.flush}, and an end: nothing can be added afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#files.values()];
    this.#files.clear();
    await all(open.map((file) => file.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * The files of a writer that keeps them in memory, by path; all that was added until now is in them.
   *
   * @throws ArgumentError where they are on disk; as `flush`.
   */
  async files(): Promise<Map<string, Uint8Array>> {
    const memory = this.#memory;
    if (!memory) throw new ArgumentError("files", "they are on disk", "new SummaryWriter(logDir, { memory: true })");
    await this.flush();
    return new Map(
      [...memory].map(([path, parts]) => {
        const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
        let at = 0;
        for (const part of parts) {
          whole.set(part, at);
          at += part.length;
        }
        return [path, whole];
      }),
    );
  }

  #file(folder: string): EventFile {
    let file = this.#files.get(folder);
    if (file) return file;
    const { maxQueue = 10, flushSecs = 120, filenameSuffix = "" } = this.#options;
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, "0");
    const process = globalThis.process?.pid ?? 0;
    const path = `${folder}/events.out.tfevents.${seconds}.${host()}.${process}.${files++}${filenameSuffix}`;
    const parts: Uint8Array[] = [];
    this.#memory?.set(path, parts);
    file = new EventFile(this.#memory ? listIn(parts) : fileAt(path), maxQueue, flushSecs);
    this.#files.set(folder, file);
    return file;
  }

  #scalar(
    op: string,
    folder: string,
    tag: string,
    value: number | Tensor,
    globalStep: number | undefined,
    walltime: number | undefined,
    style: "simple" | "float" | "double" = "simple",
  ): void {
    checkScalar(op, tag, value);
    const list = numbers(op, typeof value === "number" ? [value] : value);
    this.#add(op, folder, globalStep, walltime, list, (each) =>
      style === "simple" ? messages.scalar(tag, each[0]) : messages.scalarTensor(tag, each[0], style === "double"),
    );
  }

  #image(
    op: string,
    tag: string,
    image: Tensor,
    globalStep: number | undefined,
    walltime: number | undefined,
    formats: DataFormats,
  ): void {
    checkTag(op, tag);
    if (!isTensor(image)) throw new ArgumentError(op, `the image is a tensor, got ${show(image)}`);
    const { shape, dtype } = image;
    checkImage(op, shape, formats);
    // as PyTorch does it, in float32, cut off and not rounded
    const byteOf = (x: number) => Math.trunc(Math.min(255, Math.max(0, Math.fround(Math.fround(x) * 255))));
    this.#add(op, this.logDir, globalStep, walltime, numbersOf(image), async (list) => {
      const { height, width, channels, bytes } = pixelsOf(
        dtype === "uint8" ? (i) => list[i] : (i) => byteOf(list[i]),
        shape,
        formats,
      );
      return messages.image(tag, height, width, channels, await png(bytes, height, width, channels));
    });
  }

  /** An event of what `make` makes of a value that is on its way. */
  #add<T>(
    op: string,
    folder: string,
    globalStep: number | undefined,
    walltime: number | undefined,
    value: Promise<T>,
    make: (value: T) => Message | Promise<Message>,
  ): void {
    value.catch(() => {});
    if (this.#closed) throw new ArgumentError(op, "the writer is closed");
    const step = stepOf(op, globalStep ?? 0);
    const time = walltime ?? Date.now() / 1000;
    this.#file(folder).add(value.then(make).then((message) => messages.event(time, step, messages.summary(message))));
  }
}

/** All of them, also when one fails. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
}

function stepOf(op: string, step: number): number {
  if (!Number.isSafeInteger(step)) throw new ArgumentError(op, `the step must be an integer, got ${show(step)}`);
  return step;
}

function checkBins(op: string, bins: Bins): void {
  const right =
    typeof bins === "string" ||
    (typeof bins === "number"
      ? Number.isInteger(bins) && bins > 0 && bins <= 1e6
      : bins.length > 1 && bins.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge >= bins[i - 1])));
  if (!right) throw new ArgumentError(op, `bins are a positive number of them, or rising edges, got ${show(bins)}`);
}

function checkTag(op: string, tag: string): void {
  if (typeof tag !== "string" || !tag.isWellFormed())
    throw new ArgumentError(op, `the tag must be text, got ${show(tag)}`);
}

function checkScalar(op: string, tag: string, value: number | Tensor): void {
  checkTag(op, tag);
  if (isTensor(value) && value.size !== 1)
    throw new ArgumentError(op, `"${tag}" must have one element, got a tensor of shape [${value.shape}]`);
  if (typeof value !== "number" && !isTensor(value))
    throw new ArgumentError(op, `"${tag}" must be a number or a tensor of one element, got ${show(value)}`);
}

function entriesOf<T>(op: string, what: string, given: { readonly [name: string]: T }): [string, T][] {
  if (typeof given !== "object" || given === null || Array.isArray(given) || isTensor(given))
    throw new ArgumentError(op, `${what} are an object of values by name, got ${show(given)}`);
  return Object.entries(given);
}

function numbers(op: string, values: Tensor | ArrayLike<number>): Promise<ArrayLike<number>> {
  if (isTensor(values)) return numbersOf(values);
  const list: unknown = values;
  if (!Array.isArray(list) && !ArrayBuffer.isView(list))
    throw new ArgumentError(op, `the values are a tensor or a list of numbers, got ${show(list)}`);
  const copy = Array.from(values);
  const wrong = copy.find((each) => typeof each !== "number");
  if (wrong !== undefined) throw new ArgumentError(op, `the values are numbers, got ${show(wrong)}`);
  return Promise.resolve(copy);
}

const host = (): string => globalThis.process?.getBuiltinModule?.("node:os").hostname() ?? "page";

/** As Python's `%b%d_%H-%M-%S`. */
function stamp(now: Date): string {
  const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][now.getMonth()];
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(twoDigits).join("-");
  return `${month}${twoDigits(now.getDate())}_${time}`;
}
