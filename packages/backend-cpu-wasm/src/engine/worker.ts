// What a worker thread runs, as plain JavaScript text: it must start from a data: or Blob URL, or as a string in Node,
// so that no extra file has to be hosted. It cannot import anything.

/** Does the indices [start, end) of a kernel's own index space; its arguments stand at `desc`. */
export type KernelFunction = (desc: number, start: number, end: number) => void;

/** Positions (of i32) in the control block. Each group that different threads write has its own cache line. */
export const control = {
  /** Task number · 4096 + chunks that nobody has claimed yet. */
  claim: 0,
  chunks: 16,
  kernel: 17,
  desc: 18,
  n: 19,
  /** The first `largeChunks` chunks have this size, the later ones `smallSize`. */
  largeSize: 20,
  /** Workers whose index is below this take part. */
  workers: 21,
  /** Address of the table of emitted kernels: pairs of address and byte length. */
  table: 22,
  staticKernels: 23,
  stop: 24,
  largeChunks: 25,
  smallSize: 26,
  /** A kernel that takes up what the first one leaves, or -1; where its arguments stand, its items for one of the first, and all of them. */
  next: 27,
  nextDesc: 28,
  nextItems: 29,
  nextTotal: 30,
  /** How many items of the first kernel go before the second takes them up. */
  block: 31,
  /** Chunks that workers have finished. */
  done: 32,
  sleepers: 48,
  /** Workers that are up. */
  ready: 64,
  /** 1 when a worker's kernel threw; the message's length and characters follow. */
  failed: 80,
  messageLength: 81,
  message: 82,
  messageLimit: 160,
  /** How many pages the memory has. */
  pages: 248,
  length: 256,
} as const;

/** How long an idle worker spins before it sleeps, in milliseconds. */
const spinTime = 0.5;

export const workerSource = `
const work = ({ memory, module, address, scratch, index, native }) => {
  let ctl = new Int32Array(memory.buffer, address, ${control.length});
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports.setScratch(scratch);
  const pages = address + 4 * ${control.pages};
  const natively = native ? new (require(native.path).Heap)(new Uint8Array(memory.buffer), native.isa, pages).kernels : {};
  const names = [...new Set([...Object.keys(exports), ...Object.keys(natively)])];
  const fns = names.map((name) => natively[name] ?? exports[name]);
  const pause = typeof Atomics.pause === "function" ? () => Atomics.pause() : () => {};
  const emitted = (id) => {
    const entry = (Atomics.load(ctl, ${control.table}) >>> 0) + 8 * (id - Atomics.load(ctl, ${control.staticKernels}));
    const [from, length] = new Uint32Array(memory.buffer, entry, 2);
    const bytes = new Uint8Array(memory.buffer, from, length).slice();
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory }, math: exports }).exports.k;
  };
  const fail = (error) => {
    if (Atomics.compareExchange(ctl, ${control.failed}, 0, 2) !== 0) return;
    const text = String(error && error.message || error).slice(0, ${control.messageLimit});
    ctl[${control.messageLength}] = text.length;
    for (let i = 0; i < text.length; i++) ctl[${control.message} + i] = text.charCodeAt(i);
    Atomics.store(ctl, ${control.failed}, 1);
  };
  Atomics.add(ctl, ${control.ready}, 1);
  let idleSince = 0;
  for (let turn = 0; ; turn++) {
    const claim = Atomics.load(ctl, ${control.claim});
    const left = claim & 4095;
    if (left !== 0 && index < Atomics.load(ctl, ${control.workers})) {
      // read before the claim: while a chunk of this task is unclaimed its fields cannot change
      const kernel = Atomics.load(ctl, ${control.kernel});
      const desc = Atomics.load(ctl, ${control.desc});
      const n = Atomics.load(ctl, ${control.n});
      const large = Atomics.load(ctl, ${control.largeChunks});
      const largeSize = Atomics.load(ctl, ${control.largeSize});
      const smallSize = Atomics.load(ctl, ${control.smallSize});
      const chunks = Atomics.load(ctl, ${control.chunks});
      const next = Atomics.load(ctl, ${control.next});
      const nextDesc = Atomics.load(ctl, ${control.nextDesc});
      const items = Atomics.load(ctl, ${control.nextItems});
      const total = Atomics.load(ctl, ${control.nextTotal});
      const block = Atomics.load(ctl, ${control.block});
      if (Atomics.compareExchange(ctl, ${control.claim}, claim, claim - 1) !== claim) continue;
      const chunk = chunks - left;
      const start = chunk < large ? chunk * largeSize : large * largeSize + (chunk - large) * smallSize;
      const end = Math.min(n, start + (chunk < large ? largeSize : smallSize));
      try {
        const first = (fns[kernel] ??= emitted(kernel));
        if (next < 0) first(desc, start, end);
        else {
          const second = (fns[next] ??= emitted(next));
          for (let at = start; at < end; at += block) {
            const to = Math.min(end, at + block);
            first(desc, at, to);
            second(nextDesc, at * items, Math.min(total, to * items));
          }
        }
      } catch (error) {
        fail(error);
      }
      Atomics.add(ctl, ${control.done}, 1);
      turn = idleSince = 0;
      continue;
    }
    if (Atomics.load(ctl, ${control.stop}) !== 0) return;
    pause();
    if ((turn & 63) !== 63) continue;
    const now = performance.now();
    if (idleSince === 0) idleSince = now;
    if (now - idleSince < ${spinTime}) continue;
    Atomics.add(ctl, ${control.sleepers}, 1);
    Atomics.wait(ctl, ${control.claim}, claim);
    Atomics.sub(ctl, ${control.sleepers}, 1);
    turn = idleSince = 0;
  }
};
if (typeof require === "function") work(require("node:worker_threads").workerData);
else onmessage = (event) => { work(event.data); close(); };
`;
