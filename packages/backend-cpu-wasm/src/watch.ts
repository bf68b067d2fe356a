import type { Backend } from "@flambeau/tensor";
import type { Epilogue, Epilogues, FusedKernel, FusedKernels, Kernels, View } from "@flambeau/tensor/plugin";
import type { CpuBuffer } from "./buffer.ts";
import type { GuardedHeap } from "./engine/guards.ts";

// The debug build: what a backend lets out is wrapped in looks at the guards around its blocks. Without it nothing is wrapped.

const isView = (value: unknown): value is View =>
  typeof value === "object" && value !== null && "buffer" in value && "strides" in value;

/** The blocks that a call was given, by address: views among its arguments and in their lists. */
function blocksOf(args: readonly unknown[]): Map<number, string> {
  const blocks = new Map<number, string>();
  for (const arg of args) {
    const inside = isView(arg) ? [arg] : typeof arg === "object" && arg !== null ? Object.values(arg) : [];
    for (const value of inside) {
      if (!isView(value)) continue;
      const { address } = value.buffer as CpuBuffer; // this backend's own buffer
      blocks.set(address, `${value.dtype} [${value.shape}]`);
    }
  }
  return blocks;
}

/** Runs `run` and looks at what it was given, before (does it live?) and after (are the guards whole?). */
function watched<A extends readonly unknown[]>(guards: GuardedHeap, name: string, run: (...args: A) => void) {
  return (...args: A): void => {
    guards.begin(name);
    const blocks = blocksOf(args);
    for (const [address, view] of blocks) guards.checkLive(address, view);
    try {
      run(...args);
    } finally {
      // where the kernel throws as well, what it destroyed is the graver news
      guards.check(blocks);
    }
  };
}

export function watchedKernels(guards: GuardedHeap, kernels: Kernels): Kernels {
  const entries = Object.entries(kernels) as [string, (...args: unknown[]) => void][]; // all of them are called alike
  return Object.fromEntries(entries.map(([name, run]) => [name, watched(guards, name, run)])) as unknown as Kernels;
}

export function watchedFused(guards: GuardedHeap, kernels: FusedKernels): FusedKernels {
  const entries = Object.entries(kernels) as [string, FusedKernel][]; // this backend's, none of them absent
  return Object.fromEntries(
    entries.map(([name, kernel]) => [
      name,
      { ...kernel, run: watched(guards, name, (inputs, outputs, attrs) => kernel.run(inputs, outputs, attrs)) },
    ]),
  );
}

export function watchedEpilogues(guards: GuardedHeap, kernels: Required<Epilogues>): Epilogues {
  return Object.fromEntries(
    Object.entries(kernels).map(([name, kernel]) => [
      name,
      { ...kernel, run: watched(guards, name, (...args: Parameters<Epilogue["run"]>) => kernel.run(...args)) },
    ]),
  );
}

/** Has a backend look at a block after it was written from outside, and at all blocks in the end. */
export function watchCalls(guards: GuardedHeap, backend: Pick<Backend, "write" | "dispose">): void {
  const write = backend.write.bind(backend);
  const dispose = backend.dispose.bind(backend);
  backend.write = (buffer, bytes, offset) => {
    const { address } = buffer as CpuBuffer; // made by alloc
    guards.running = "write";
    guards.checkLive(address, "a buffer");
    write(buffer, bytes, offset);
    guards.check(new Map([[address, "a buffer"]]));
  };
  backend.dispose = () => {
    try {
      guards.checkAll();
    } finally {
      dispose();
    }
  };
}
