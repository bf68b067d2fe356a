import { ArgumentError, UnavailableError } from "@flambeau/tensor/functional";
import { type Platform, show } from "@flambeau/tensor/plugin";
import { type Patience, timer } from "../wait.ts";
import { marked, type Order, type Reply, unmarked } from "./protocol.ts";
import { errorOf, WorkerError } from "./worker-error.ts";

/** What a `DataLoader` asks of a worker: pages' `Worker` and that of Node's `worker_threads` have it. */
export interface LoaderWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}
/** How workers are made: by a function, or of the address of their module. */
export type WorkerSource = Platform<"URL", { readonly protocol: string; readonly href: string }> | (() => LoaderWorker);

/** Node's. */
interface ThreadWorker extends LoaderWorker {
  on(event: "message" | "error" | "exit" | "messageerror", listener: (value: unknown) => void): void;
  ref(): void;
  unref(): void;
}
/** A page's. */
interface PageWorker extends LoaderWorker {
  addEventListener(event: "message" | "error" | "messageerror", listener: (event: WorkerEvent) => void): void;
}
interface WorkerEvent {
  readonly data?: unknown;
  readonly message?: string;
  readonly filename?: string;
  readonly lineno?: number;
  preventDefault(): void;
}
/** The part of Node's `process` that is used; absent in browsers. */
interface NodeProcess {
  getBuiltinModule?(
    id: "node:worker_threads",
  ): { readonly Worker: new (url: URL, options: { readonly resourceLimits: object }) => LoaderWorker } | undefined;
}

/** What comes in a pass. */
export type Answer = Extract<Reply, { kind: "batch" | "end" | "failed" }>;

/** One worker of a pool. */
export class Member {
  readonly id: number;
  readonly worker: LoaderWorker;
  /** Answers that nobody has taken, the oldest first, each with its number among all that came. */
  readonly inbox: (readonly [arrived: number, answer: Answer])[] = [];
  /** Batches that it was asked for and that were not taken. */
  asked = 0;
  /** Orders that wait for it to listen; null once it does. */
  waiting: Order[] | null = [];
  ready = false;
  failure: Error | null = null;

  constructor(id: number, worker: LoaderWorker) {
    this.id = id;
    this.worker = worker;
  }
  send(order: Order): void {
    if (this.waiting) this.waiting.push(order);
    else this.worker.postMessage(marked(order));
  }
}

/** What the pool's workers are told when they start. */
interface Opening {
  readonly seed: bigint;
  readonly args: unknown;
  /** The length that their data sets must have; null for streams. */
  readonly length: number | null;
}

/** Workers that serve a data set, for one pass after the other. */
export class WorkerPool {
  readonly members: readonly Member[];
  readonly #length: number | null;
  /** Whether a pass has it. */
  busy = true;
  ended = false;
  #pass = 0;
  #arrived = 0;
  #look: (() => void) | null = null;

  /** @throws ArgumentError where `source` makes no worker; what it throws. No worker is left then. */
  constructor(source: WorkerSource, count: number, { seed, args, length }: Opening) {
    this.#length = length;
    const members: Member[] = [];
    this.members = members;
    try {
      for (let id = 0; id < count; id++) {
        const member = new Member(id, start(source));
        members.push(member);
        this.#listen(member);
        member.send({ kind: "open", id, numWorkers: count, seed: seed + BigInt(id), args });
      }
    } catch (error) {
      void this.end();
      throw error;
    }
  }

  /** Begin a pass; what is still on its way from the one before is dropped. */
  begin(startOf: (member: Member, pass: number) => Order): number {
    const pass = ++this.#pass;
    for (const member of this.members) {
      member.inbox.length = 0;
      member.asked = 0;
      member.send(startOf(member, pass));
    }
    return pass;
  }

  /**
   * The first thing that is found, looked for whenever a worker says something. The process stays alive for it, and for nothing else.
   * @throws what `found` throws; UnavailableError after the patience's seconds; the reason of its signal.
   */
  until<T>(found: () => T | undefined, late: () => string, { seconds, signal }: Patience): Promise<T> {
    return new Promise((resolve, reject) => {
      let clock: ReturnType<typeof setTimeout> | undefined;
      const end = () => {
        clearTimeout(clock);
        signal?.removeEventListener("abort", abort);
        this.#look = null;
        this.#hold(false);
      };
      const abort = () => {
        end();
        reject(signal?.reason);
      };
      this.#look = () => {
        try {
          const value = found();
          if (value === undefined) return;
          end();
          resolve(value);
        } catch (error) {
          end();
          reject(error);
        }
      };
      this.#hold(true);
      if (seconds > 0)
        clock = timer(seconds, () => {
          end();
          reject(new UnavailableError(`DataLoader: ${late()}`));
        });
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      else this.#look();
    });
  }

  /** A pass is over, or was left: the workers wait for the next one. */
  park(): void {
    for (const member of this.members) {
      if (!member.failure) member.send({ kind: "stop", pass: this.#pass });
      member.inbox.length = 0;
    }
    this.#pass++; // what still comes is of no pass
    this.busy = false;
  }

  /** End the workers, whatever they are at. */
  async end(): Promise<void> {
    this.ended = true;
    await Promise.all(this.members.map(({ worker }) => worker.terminate()));
  }

  /** Whether all workers can go on. */
  get whole(): boolean {
    return !this.ended && this.members.every(({ failure }) => failure === null);
  }

  #listen(member: Member): void {
    const { worker, id } = member;
    const take = (data: unknown) => {
      const reply = unmarked<Reply>(data);
      if (reply) this.#take(member, reply);
    };
    const unread = () => this.#fail(member, new WorkerError(id, "a message of it could not be read"));
    if (isThread(worker)) {
      worker.unref();
      worker.on("message", take);
      worker.on("messageerror", unread);
      worker.on("error", (cause) => this.#fail(member, new WorkerError(id, `it ended with ${cause}`, null, cause)));
      worker.on("exit", (code) => {
        const hint = member.waiting ? "its module must call serveDataset(...)" : undefined;
        this.#fail(member, new WorkerError(id, `it exited with code ${code}`, null, undefined, hint));
      });
      return;
    }
    const page = worker as PageWorker; // by the check in start
    page.addEventListener("message", ({ data }) => take(data));
    page.addEventListener("messageerror", unread);
    page.addEventListener("error", (event) => {
      event.preventDefault();
      const { message, filename, lineno } = event;
      // a script that cannot be loaded gives an event without a word
      if (message) this.#fail(member, new WorkerError(id, `${message} (${filename}:${lineno})`));
      else {
        const hint = "check its address, and that the content security policy allows it (worker-src)";
        this.#fail(member, new WorkerError(id, "its script could not be loaded", null, undefined, hint));
      }
    });
  }

  #take(member: Member, reply: Reply): void {
    if (reply.kind === "hello") {
      const { waiting } = member;
      member.waiting = null;
      try {
        for (const order of waiting ?? []) member.send(order);
      } catch (error) {
        // of what is sent, the arguments alone are the user's
        const hint = "pass what structuredClone takes";
        this.#fail(member, new ArgumentError("DataLoader", `workerArgs cannot be sent to a worker: ${error}`, hint));
      }
      return;
    }
    if (reply.kind === "ready") {
      member.ready = true;
      const [theirs, ours] = [reply.length, this.#length];
      if (theirs !== ours) {
        const words = (length: number | null) => (length === null ? "is a stream" : `has ${length} samples`);
        const problem = `the data set ${words(ours)}, but the one of worker ${member.id} ${words(theirs)}`;
        this.#fail(member, new ArgumentError("DataLoader", problem, "both sides need the same data set"));
      }
      return;
    }
    if (reply.kind === "failed" && reply.pass === null) return this.#fail(member, errorOf(member.id, reply.failure));
    if (reply.pass !== this.#pass) return;
    member.inbox.push([this.#arrived++, reply]);
    this.#look?.();
  }

  #fail(member: Member, error: Error): void {
    member.failure ??= error;
    if (!this.ended) this.#look?.();
  }

  #hold(on: boolean): void {
    for (const { worker } of this.members) {
      if (!isThread(worker)) continue;
      if (on) worker.ref();
      else worker.unref();
    }
  }
}

const isThread = (worker: LoaderWorker): worker is ThreadWorker => "on" in worker && "unref" in worker;

function start(source: WorkerSource): LoaderWorker {
  const worker: unknown = typeof source === "function" ? source() : fromAddress(source);
  const has = (name: string) => typeof Reflect.get(Object(worker), name) === "function";
  if (!has("postMessage") || !has("terminate") || !(has("addEventListener") || (has("on") && has("unref"))))
    throw new ArgumentError("DataLoader", `the option worker must give a Worker, got ${show(worker)}`);
  return worker as LoaderWorker; // by the check
}

/**
 * A sample's garbage, as of an image that JavaScript decodes, is larger than what V8 keeps for young objects by itself: then it copies what is in use
 * again and again, which took a tenth of a worker's time and more.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 96 };

function fromAddress(url: URL): LoaderWorker {
  const { process, Worker } = globalThis as { process?: NodeProcess; Worker?: typeof globalThis.Worker };
  const threads = process?.getBuiltinModule?.("node:worker_threads");
  if (threads) return new threads.Worker(url, { resourceLimits });
  if (Worker) return new Worker(url, { type: "module" });
  throw new UnavailableError("DataLoader: this platform has no workers", "leave out numWorkers");
}
