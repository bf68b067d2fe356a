// What goes between the page, the frame without an origin and the worker in it.
import type { Picture } from "../../examples/show.ts";

export type Device = "cpu" | "webgpu";

/** From the page to the frame: a program and the text of what runs it. The frame can fetch nothing itself. */
export interface Start {
  readonly code: string;
  readonly device: Device;
  readonly files: Files;
}

/** The texts of the modules that run a program. */
export interface Files {
  readonly flambeau: string;
  readonly show: string;
  readonly worker: string;
}

/** From the frame to its worker: the program, and the addresses of what it imports. */
export interface Program {
  readonly code: string;
  readonly device: Device;
  readonly modules: { readonly flambeau: string; readonly show: string };
}

/** What the page tells a program that runs: its end, which is the frame's to bring about, or what the reader drew. */
export type Message = "stop" | Float32Array;

/** What a program tells while it runs. */
export type Report =
  | { readonly kind: "print"; readonly text: string; readonly level: "log" | "warn" | "error" }
  | { readonly kind: "show"; readonly picture: Picture }
  | { readonly kind: "draw"; readonly title: string }
  | { readonly kind: "error"; readonly message: string; readonly line?: number }
  | { readonly kind: "done"; readonly milliseconds: number };
