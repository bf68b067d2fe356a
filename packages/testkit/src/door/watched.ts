import type { Backend, Tensor } from "@flambeau/tensor";
import type { Call, FusedKernel, Interpreter } from "@flambeau/tensor/plugin";

/** What a watched backend was asked for while no op was running. */
export interface Bypass {
  /** `alloc`, `write`, `map`, `softmax`... */
  readonly what: string;
  readonly stack: string;
}

/**
 * Whether everything that a device does is done for an op that went through the door (or to give values to the program, as it said
 * before). An interpreter tells when ops run; the device tells what it is asked for.
 */
export class Watch implements Interpreter {
  readonly bypasses: Bypass[] = [];
  #depth = 0;
  /** The program has said that it reads; what is done until the bytes are there belongs to that. */
  #reading = false;

  op(call: Call): readonly Tensor[] {
    this.#depth++;
    this.#reading = false;
    try {
      return call.next();
    } finally {
      this.#depth--;
    }
  }
  read(): void {
    this.#reading = true;
  }
  private note(what: string): void {
    if (this.#depth > 0 || this.#reading) {
      if (what === "readSync" || what === "read") this.#reading = false;
      return;
    }
    this.bypasses.push({ what, stack: new Error().stack ?? "" });
  }

  /** `backend`, which from now on tells what it is asked for. Giving memory back is nobody's op. */
  backend(backend: Backend): Backend {
    const told = new Set<PropertyKey>(["alloc", "write", "read", "readSync", "checkIndices"]);
    const wrapped = (object: object, name: (key: string) => boolean): object =>
      new Proxy(object, {
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== "function") return value;
          const own = value.bind(target) as (...args: unknown[]) => unknown; // it takes what the contract says
          if (typeof key !== "string" || !name(key)) return own;
          return (...args: unknown[]) => {
            this.note(key);
            return own(...args);
          };
        },
      });
    const kernels = wrapped(backend.kernels, () => true);
    const fused =
      backend.fused &&
      new Proxy(backend.fused, {
        get: (target, key) => {
          const kernel: FusedKernel | undefined = Reflect.get(target, key);
          return kernel && wrapped(kernel, (method) => method === "run");
        },
      });
    return new Proxy(wrapped(backend, (key) => told.has(key)) as Backend, {
      get: (target, key) => (key === "kernels" ? kernels : key === "fused" ? fused : Reflect.get(target, key, target)),
    });
  }
}
