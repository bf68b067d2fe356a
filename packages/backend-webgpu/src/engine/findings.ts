import { Doubt } from "./doubts.ts";
import { type Block, usage } from "./memory.ts";

/** Makes the error for a value that is out of range. */
export type Fail = (value: number) => Error;

/** Doubts of one page. */
const perPage = 256;
const placeBytes = 8;

/** A buffer in which the device notes what it finds: for each doubt whether something is wrong (0, 1), and a value. */
interface Page {
  /** Not of the allocator's. Kernels bind it as `atomic<u32>`. */
  readonly block: Block;
  doubts: Found[];
  /** Something may be noted in it. */
  dirty: boolean;
}

/** A doubt that the device settles. */
export class Found extends Doubt {
  readonly fail: Fail;
  readonly page: Page;
  /** The first word of its place. */
  readonly word: number;

  constructor(fail: Fail, page: Page) {
    super();
    this.fail = fail;
    this.page = page;
    this.word = 2 * page.doubts.length;
  }
}

/** Notes of the device on their way to the host, in a buffer that holds them from `from` on. */
export interface Notes {
  readonly doubts: readonly Found[];
  readonly from: number;
}

/** What notes are read with: the engine. */
export interface FindingsHost {
  readonly device: GPUDevice;
  /** The encoder, outside of a pass. */
  commands(): GPUCommandEncoder;
  /** Maps a buffer that was filled by what is about to be submitted, and hands it over once it is there. */
  collect(byteLength: number, fill: (reader: GPUBuffer) => void, then: (bytes: Int32Array) => void): void;
}

/**
 * Errors that only the device can find. A kernel that meets a bad value notes it at the place of its doubt; who reads what is in
 * doubt gets the notes along with the bytes. Full pages come back on their own, for programs that never read.
 */
export class Findings {
  readonly #host: FindingsHost;
  #page: Page;
  #full: Page[] = [];
  readonly #spare: Page[] = [];
  #made = 0;

  constructor(host: FindingsHost) {
    this.#host = host;
    this.#page = this.#newPage();
  }
  /** Pages made so far. */
  get made(): number {
    return this.#made;
  }

  #newPage(): Page {
    const gpu = this.#host.device.createBuffer({
      label: "findings",
      size: perPage * placeBytes,
      usage: usage.storage | usage.copySource | usage.copyTarget,
    });
    // the allocator's blocks are numbered from 0 on
    const id = -1 - this.#made++;
    const block: Block = { gpu, id, capacity: gpu.size, batch: 0, usable: true, care: null, proof: null };
    return { block, doubts: [], dirty: false };
  }

  /** A new doubt, for the next dispatch to settle. To be asked for before the dispatch is begun. */
  raise(fail: Fail): Found {
    let page = this.#page;
    if (page.doubts.length === perPage || (page.doubts.length > 0 && page.doubts.every((doubt) => doubt.settled))) {
      if (page.doubts.length === perPage) {
        this.#full.push(page);
        page = this.#spare.pop() ?? this.#newPage();
      }
      this.#empty(page);
      this.#page = page;
    }
    const doubt = new Found(fail, page);
    page.doubts.push(doubt);
    return doubt;
  }
  #empty(page: Page): void {
    page.doubts = [];
    if (page.dirty) this.#host.commands().clearBuffer(page.block.gpu);
    page.dirty = false;
  }

  /** Has the notes about `doubts` copied into `reader`, from byte `from` on, where `bytes` says how many there are. */
  static bytes(doubts: readonly Found[]): number {
    return pagesOf(doubts).reduce((sum, page) => sum + page.doubts.length * placeBytes, 0);
  }
  copy(doubts: readonly Found[], reader: GPUBuffer): Notes[] {
    const notes: Notes[] = [];
    let from = 0;
    for (const page of pagesOf(doubts)) {
      this.#host.commands().copyBufferToBuffer(page.block.gpu, 0, reader, from, page.doubts.length * placeBytes);
      notes.push({ doubts: page.doubts.slice(), from });
      from += page.doubts.length * placeBytes;
    }
    return notes;
  }

  /** Has full pages sent along with what is about to be submitted. */
  send(): void {
    const full = this.#full;
    if (full.length === 0) return;
    this.#full = [];
    for (const page of full) {
      const { doubts } = page;
      this.#host.collect(
        perPage * placeBytes,
        (reader) => this.#host.commands().copyBufferToBuffer(page.block.gpu, 0, reader, 0, perPage * placeBytes),
        (words) => {
          settle([{ doubts, from: 0 }], words);
          this.#spare.push(page);
        },
      );
    }
  }
}

function pagesOf(doubts: readonly Found[]): Page[] {
  return [...new Set(doubts.map((doubt) => doubt.page))];
}

/** Reads notes that have come back. */
export function settle(notes: readonly Notes[], words: Int32Array): void {
  for (const { doubts, from } of notes)
    for (let i = 0; i < doubts.length; i++) {
      const doubt = doubts[i];
      if (doubt.settled) continue;
      const at = from / 4 + 2 * i;
      const wrong = words[at] !== 0;
      if (wrong) doubt.page.dirty = true;
      doubt.settle(wrong ? doubt.fail(words[at + 1]) : null);
    }
}

/** Declares `report_bad(value)`, for a page's slot and the WGSL of the doubt's word in it. */
export const reportBad = (slot: string, at: string): string => `fn report_bad(value: i32) {
  loop {
    let held = atomicCompareExchangeWeak(&${slot}[${at}], 0u, 1u);
    if (held.exchanged) { atomicStore(&${slot}[${at} + 1u], bitcast<u32>(value)); }
    // it may fail for no reason: then once more
    if (held.exchanged || held.old_value != 0u) { break; }
  }
}`;
