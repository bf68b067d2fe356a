import type { Module } from "@flambeau/nn";

// Which module runs: for the time of a capture each module's `forward` says when it begins and ends.

type Forward = Module["forward"];

/** The modules of a model while it is captured. */
export class ModulePaths {
  readonly #path: string[] = [""];
  /** Class names by path, of modules that ran. */
  readonly seen = new Map<string, string>();
  readonly #undo: (() => void)[] = [];

  constructor(model: Module | undefined) {
    if (model) for (const [path, module] of model.namedModules()) this.#wrap(path, module);
  }
  /** The path of the innermost module that runs. */
  get current(): string {
    return this.#path[this.#path.length - 1];
  }
  /** Gives the modules their own `forward` back. */
  end(): void {
    for (const undo of this.#undo) undo();
  }

  #wrap(path: string, module: Module): void {
    const own = Object.getOwnPropertyDescriptor(module, "forward");
    const inner: Forward = module.forward;
    const value: Forward = (...inputs) => {
      this.#path.push(path);
      this.seen.set(path, module.constructor.name);
      try {
        return inner.apply(module, inputs);
      } finally {
        this.#path.pop();
      }
    };
    Object.defineProperty(module, "forward", { value, configurable: true, writable: true, enumerable: false });
    this.#undo.push(() => {
      if (own) Object.defineProperty(module, "forward", own);
      else delete (module as { forward?: Forward }).forward;
    });
  }
}
