import type { Progress } from "./train.ts";

/** What the worker tells the page. Tensors stay where they are: what is posted are numbers and texts. */
export type Message =
  | { readonly kind: "device"; readonly device: string }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly reason: string };
