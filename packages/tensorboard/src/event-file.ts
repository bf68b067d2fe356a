import { FlambeauError } from "@flambeau/tensor/functional";
import { event, fileVersion, writtenBy } from "./messages.ts";
import { record } from "./record.ts";

/**
 * Events could not be written; `cause` is the system's error. Those before it are in the file.
 *
 * @example
 * const writer = new SummaryWriter("/dev/null/runs");
 * writer.addScalar("loss", 1);
 * const error = await writer.close().catch((error) => error);
 * error instanceof EventFileError; // true
 */
export class EventFileError extends FlambeauError {
  static override readonly kind: string = "EventFileError";
  /** The file's path. */
  readonly path: string;
  constructor(path: string, cause: Error) {
    super(`${path}: events not written: ${cause.message}`);
    this.path = path;
    this.cause = cause;
  }
}

/** Where records go. */
export interface Place {
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** A new file. */
export function fileAt(path: string): Place {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { dirname } = process.getBuiltinModule("node:path");
  let handle: import("node:fs/promises").FileHandle | undefined;
  const guarded = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      throw new EventFileError(path, error as Error); // node:fs rejects with nothing else
    }
  };
  return {
    append: (bytes) =>
      guarded(async () => {
        if (!handle) {
          await fs.mkdir(dirname(path), { recursive: true });
          handle = await fs.open(path, "wx");
        }
        await handle.appendFile(bytes);
      }),
    close: () => guarded(async () => handle?.close()),
  };
}

/** A list in memory. */
export const listIn = (parts: Uint8Array[]): Place => ({
  append: async (bytes) => void parts.push(bytes),
  close: async () => {},
});

/** One event file: events are put down in the order in which they were added, whenever their values come. */
export class EventFile {
  readonly #place: Place;
  /** At most this many wait. */
  readonly #most: number;
  readonly #milliseconds: number;
  #waiting: Promise<Uint8Array>[] = [];
  #last: Promise<void> = Promise.resolve();
  #error: unknown;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(place: Place, maxQueue: number, flushSecs: number) {
    this.#place = place;
    this.#most = maxQueue;
    this.#milliseconds = Math.min(flushSecs * 1000, 2 ** 31 - 1);
    this.add(Promise.resolve(event(Date.now() / 1000, 0, (message) => writtenBy(fileVersion(message)))));
  }

  add(bytes: Promise<Uint8Array>): void {
    // a failure is told by flush(), which may be far: until then nobody else hears of it
    bytes.catch(() => {});
    this.#waiting.push(bytes);
    if (this.#waiting.length >= this.#most) this.#write();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#write(), this.#milliseconds);
      // a program that is done shall end; in a page a timer is a number
      if (typeof this.#timer === "object") this.#timer.unref();
    }
  }

  /** Put everything down that was added. @throws what went wrong since the last time. */
  async flush(): Promise<void> {
    this.#write();
    await this.#last;
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#place.close();
    }
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#waiting;
    this.#waiting = [];
    this.#last = this.#last.then(async () => {
      const records: Uint8Array[] = [];
      for (const each of events) {
        try {
          records.push(record(await each));
        } catch (error) {
          this.#error ??= error;
        }
      }
      try {
        for (const each of records) await this.#place.append(each);
      } catch (error) {
        this.#error ??= error;
      }
    });
  }
}
