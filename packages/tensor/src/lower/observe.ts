import type { Backend } from "../contract/backend.ts";
import type { FusedKernel } from "../contract/fused-kernel.ts";
import type { Buffer } from "../contract/view.ts";

/** Is told what a device is asked for. */
export interface MachineObserver {
  /** A kernel begins: a primitive or a fast path, by its name, or a transfer ("write", "readSync"). Gives what `end` is told. */
  begin(device: string, name: string, args: readonly unknown[]): unknown;
  /** It is over, be it by an error. */
  end(begun: unknown): void;
  allocated(device: string, buffer: Buffer, byteLength: number): void;
  freed(device: string, buffer: Buffer): void;
}

type Callable = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Has `observer` told of all that `backend` is asked for, whoever asks. What is there is replaced where it stands, so that tensors that live already are
 * seen, too. Gives a function that puts everything back.
 */
export function observeMachine(backend: Backend, observer: MachineObserver): () => void {
  const undo: (() => void)[] = [];
  const timed = (target: object, key: string, name = key): void =>
    replace(
      target,
      key,
      (own) =>
        function (this: unknown, ...args) {
          const begun = observer.begin(backend.name, name, args);
          try {
            return own.apply(this, args);
          } finally {
            observer.end(begun);
          }
        },
      undo,
    );
  for (const name in backend.kernels) timed(backend.kernels, name);
  const seen = new Set<FusedKernel>();
  for (const [name, kernel] of Object.entries((backend.fused ?? {}) as { readonly [op: string]: FusedKernel })) {
    if (seen.has(kernel)) continue;
    seen.add(kernel);
    timed(kernel, "run", name);
  }
  for (const name of ["write", "readSync", "copyFrom", "checkIndices"])
    if (typeof (backend as unknown as { readonly [key: string]: unknown })[name] === "function") timed(backend, name);
  replace(
    backend,
    "alloc",
    (own) =>
      function (this: unknown, byteLength) {
        const buffer = own.call(this, byteLength) as Buffer;
        observer.allocated(backend.name, buffer, byteLength as number);
        return buffer;
      },
    undo,
  );
  replace(
    backend,
    "free",
    (own) =>
      function (this: unknown, buffer) {
        observer.freed(backend.name, buffer as Buffer);
        return own.call(this, buffer);
      },
    undo,
  );
  // in reverse order: an object whose last property goes is as fast as before it came
  return () =>
    undo
      .splice(0)
      .reverse()
      .forEach((put) => void put());
}

/** Replaces a method, where it may be; `undo` gets what puts it back. */
function replace(target: object, key: string, make: (own: Callable) => Callable, undo: (() => void)[]): void {
  const before = Object.getOwnPropertyDescriptor(target, key);
  if (before ? !before.configurable : !Object.isExtensible(target)) return;
  const own = (target as { readonly [key: string]: Callable })[key];
  const enumerable = before?.enumerable ?? false;
  Object.defineProperty(target, key, { value: make(own), configurable: true, writable: true, enumerable });
  undo.push(() => void (before ? Object.defineProperty(target, key, before) : Reflect.deleteProperty(target, key)));
}
