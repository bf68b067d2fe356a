import { ArgumentError, defaultGenerator, nextStep, UnavailableError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { type Collate, fetchBatch, isIndexed, isStateful, isStream, type Source, together } from "../fetch.ts";
import { setWorkerInfo, type WorkerInfo } from "./info.ts";
import { buffersOf, type Packed, pack } from "./packing.ts";
import { type Failure, marked, type Order, type Reply, type StreamOrder, unmarked } from "./protocol.ts";

/** The options of {@link serveDataset}. */
export interface ServeOptions<Sample> {
  /** Makes a batch of samples. Default: `defaultCollate`. */
  collate?: ((samples: Sample[]) => unknown) | undefined;
  /** Called once, when the worker has its seed and its data set: PyTorch's `worker_init_fn`. */
  init?: ((info: WorkerInfo) => unknown) | undefined;
}
const serveKinds: Kinds<ServeOptions<unknown>> = { collate: option.callback, init: option.callback };

/** What a worker serves: a data set, or what makes it of the loader's `workerArgs`. */
export type Served<Sample> =
  | Source<Sample>
  | ((args: never, info: WorkerInfo) => Source<Sample> | Promise<Source<Sample>>);

let served = false;

/**
 * Have this worker make the batches of a `DataLoader`: the last statement of the module that its option `worker` starts. Samples are
 * read and collated here; the batches travel as bytes, without a copy.
 *
 * The data set must have the length of the one that the loader has got, since the loader decides which samples make which batch.
 *
 * @throws ArgumentError for what is no data set, and where the worker has one; UnavailableError outside of workers.
 * @see https://docs.pytorch.org/docs/stable/data.html#multi-process-data-loading
 * @example
 * // doctest: skip a module of its own, in a worker
 * serveDataset(({ split }: { split: "train" | "test" }) => digits({ split }));
 */
export function serveDataset<Sample>(dataset: Served<Sample>, options: ServeOptions<Sample> = {}): void {
  checkOptions<ServeOptions<Sample>>("serveDataset", serveKinds, options);
  if (typeof dataset !== "function") checkSource(dataset);
  const port = portOf();
  if (!port)
    throw new UnavailableError(
      "serveDataset: this is no worker",
      "call it in the module that the option worker of a DataLoader starts",
    );
  if (served) throw new ArgumentError("serveDataset", "this worker serves a data set already");
  served = true;
  const server = new Server(port, dataset as Served<unknown>, options as ServeOptions<unknown>); // it only passes samples on
  let last: Promise<void> = Promise.resolve();
  port.listen((data) => {
    const order = unmarked<Order>(data);
    if (!order) return;
    // at once, so that what is asked of an older pass is not worked at
    if (order.kind === "start" || order.kind === "stop") server.pass = order.kind === "start" ? order.pass : null;
    last = last.then(() => server.handle(order));
  });
  port.post({ kind: "hello" });
}

function checkSource(dataset: unknown): asserts dataset is Source<unknown> {
  if (!isIndexed(dataset as Source<unknown>) && !isStream(dataset))
    // what it is is asked here
    throw new ArgumentError(
      "serveDataset",
      `the data set must have length and get(index), or be an array or an iterable, got ${show(dataset)}`,
    );
}

/** One worker's data set, and where it stands in it. */
class Server {
  /** The pass that the loader is at. */
  pass: number | null = null;
  readonly #port: Port;
  readonly #made: Served<unknown>;
  readonly #collate: Collate<unknown>;
  #init: ((info: WorkerInfo) => unknown) | undefined;
  #source: Source<unknown> | undefined;
  #info: WorkerInfo | undefined;
  #stream: AsyncIterator<unknown[]> | null = null;
  /** Whether there is nothing behind the batch that comes next. */
  #over = false;

  constructor(port: Port, made: Served<unknown>, { collate, init }: ServeOptions<unknown>) {
    this.#port = port;
    this.#made = made;
    this.#collate = collate;
    this.#init = init;
  }

  /** Do what the loader asks. It never rejects: what goes wrong is told to the loader. */
  async handle(order: Order): Promise<void> {
    const at: { what: string; index: number | null } = { what: "its data set", index: null };
    try {
      if (order.kind === "open") return await this.#open(order);
      if (order.kind === "stop") return await this.#leave();
      if (order.pass !== this.pass || !this.#source) return;
      if (order.kind === "start") {
        at.what = "the start of a pass";
        return await this.#start(order);
      }
      const { indices } = order;
      at.what = indices ? nameOf(indices) : "the next batch of its stream";
      const lost = (index: number) => {
        if (at.index === null) Object.assign(at, { what: `sample ${index}`, index });
      };
      const batch = indices ? await fetchBatch(this.#indexed(), this.#collate, indices, lost) : await this.#next();
      if (order.pass !== this.pass) return;
      if (batch === over) this.#port.post({ kind: "end", pass: order.pass });
      else this.#send(order.pass, order.number, pack(batch));
      // memory of dropped tensors comes back, and word of a new pass comes in
      await nextStep();
    } catch (error) {
      const pass = order.kind === "open" ? null : order.pass;
      this.#port.post({ kind: "failed", pass, failure: inWords(error, at) });
    }
  }

  async #open({ id, numWorkers, seed, args }: Order & { kind: "open" }): Promise<void> {
    defaultGenerator.manualSeed(seed);
    const info: WorkerInfo = { id, numWorkers, seed, dataset: undefined };
    this.#tell(info);
    const made = this.#made;
    const source = typeof made === "function" ? await made(args as never, info) : made; // what the loader was given for it
    checkSource(source);
    this.#tell({ ...info, dataset: source });
    this.#source = source;
    this.#port.post({ kind: "ready", length: isIndexed(source) ? source.length : null });
  }

  async #start({ seed, generator, stream }: Order & { kind: "start" }): Promise<void> {
    await this.#leave();
    if (this.#info) this.#tell({ ...this.#info, seed });
    defaultGenerator.manualSeed(seed);
    const init = this.#init;
    this.#init = undefined;
    if (init && this.#info) await init(this.#info);
    if (stream) this.#stream = this.#batches(stream, generator);
    else if (generator) defaultGenerator.setState(generator);
  }

  #tell(info: WorkerInfo): void {
    this.#info = info;
    setWorkerInfo(info);
  }

  #indexed() {
    if (!this.#source || !isIndexed(this.#source))
      throw new ArgumentError("serveDataset", "the loader asks for samples by number, and this is a stream");
    return this.#source;
  }

  async #next(): Promise<unknown> {
    const next = await this.#stream?.next();
    return !next || next.done ? over : together(this.#collate, next.value);
  }

  /** The stream's samples in batches, from where it stands. */
  async *#batches(
    { batchSize, dropLast, had, over: ended, state }: StreamOrder,
    generator: Uint8Array | null,
  ): AsyncIterableIterator<unknown[]> {
    this.#over = ended;
    if (ended) return;
    const source = this.#source as AsyncIterable<unknown> | Iterable<unknown>; // the loader asks for none of an indexed one
    const known = had > 0 && isStateful(source);
    let skip = known ? 0 : had * batchSize;
    if (known) source.loadStateDict(state);
    if (skip === 0 && generator) defaultGenerator.setState(generator);
    let samples: unknown[] = [];
    for await (const sample of source) {
      if (skip > 0) {
        // what the stream draws on its way is drawn again; what was drawn from its samples is in the state
        if (--skip === 0 && generator) defaultGenerator.setState(generator);
        continue;
      }
      samples.push(sample);
      if (samples.length < batchSize) continue;
      yield samples;
      samples = [];
    }
    this.#over = true;
    if (samples.length > 0 && !dropLast) yield samples;
  }

  /** Close the stream of a pass that was left. */
  async #leave(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    await stream?.return?.();
  }

  #send(pass: number, number: number, batch: Packed): void {
    const state = this.#stream && isStateful(this.#source) ? this.#source.stateDict() : null;
    const generator = defaultGenerator.getState();
    this.#port.post({ kind: "batch", pass, number, batch, generator, state, over: this.#over }, buffersOf(batch));
  }
}

/** In the place of a batch: there are no more. */
const over = Symbol();

const nameOf = (indices: readonly number[]): string => {
  const [few, more] = [indices.slice(0, 8).join(", "), indices.length - 8];
  return `the batch of samples ${few}${more > 0 ? ` and ${more} more` : ""}`;
};

function inWords(error: unknown, at: { readonly what: string; readonly index: number | null }): Failure {
  const told = error instanceof Error ? error : new Error(String(error));
  return { at: at.what, index: at.index, name: told.name, message: told.message, stack: told.stack };
}

/** The way back to who started this worker. */
interface Port {
  post(reply: Reply, transfer?: ArrayBuffer[]): void;
  listen(listener: (data: unknown) => void): void;
}
interface ParentPort {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  on(event: "message", listener: (data: unknown) => void): void;
}
/** The part of Node's `process` that is used; absent in browsers. */
interface NodeProcess {
  getBuiltinModule?(id: "node:worker_threads"): { readonly parentPort: ParentPort | null } | undefined;
}
/** What a page's worker has in its global scope. */
interface WorkerScope {
  readonly WorkerGlobalScope?: unknown;
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  addEventListener(event: "message", listener: (event: { readonly data: unknown }) => void): void;
}

function portOf(): Port | null {
  const { process } = globalThis as { process?: NodeProcess };
  const parent = process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
  if (parent)
    return {
      post: (reply, transfer) => parent.postMessage(marked(reply), transfer ?? []),
      listen: (listener) => parent.on("message", listener),
    };
  const scope = globalThis as unknown as WorkerScope; // looked at before it is used
  if (!scope.WorkerGlobalScope) return null;
  return {
    post: (reply, transfer) => scope.postMessage(marked(reply), transfer ?? []),
    listen: (listener) => scope.addEventListener("message", ({ data }) => listener(data)),
  };
}
