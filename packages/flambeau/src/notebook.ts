// For notebooks: `import "flambeau/notebook"` has tensors and modules show themselves there, and a training its progress. What is reached on
// demand costs other programs nothing.
import { Module, summary } from "@flambeau/nn";
import { Tensor } from "@flambeau/tensor";
import { displayTensor, type Shown } from "./notebook/tensors.ts";

/** How Deno's kernel and Observable's ask a value to show itself; they wait for what it promises. */
const display = Symbol.for("Jupyter.display");
const shows = (of: object, value: (this: never) => Shown | Promise<Shown>): void => {
  Object.defineProperty(of, display, { value, configurable: true, writable: true });
};

shows(Tensor.prototype, function (this: Tensor) {
  return displayTensor(this);
});
shows(Module.prototype, function (this: Module) {
  return { "text/plain": String(this), "text/html": summary(this, { names: true }).toHTML() };
});

export * from "@flambeau/plot";
export { Progress, type ProgressOptions } from "./notebook/progress.ts";
