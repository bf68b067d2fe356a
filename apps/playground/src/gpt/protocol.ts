import type * as shared from "../training/protocol.ts";

/** What a visitor asks for. */
export interface Wish {
  readonly prompt: string;
  readonly temperature: number;
}

/** Page to worker. */
export type Request =
  | shared.Request
  /** What is written from now on while it learns; with `now` a text is begun at once. */
  | { readonly type: "wish"; readonly wish: Wish; readonly now: boolean }
  /** Do not write on. */
  | { readonly type: "hush" };

/** Worker to page. */
export type Report =
  | shared.Report
  /** A text begins. */
  | { readonly type: "begins"; readonly step: number; readonly prompt: string }
  /** What follows of it. */
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "ends" }
  /** What is wrong with a prompt. */
  | { readonly type: "refused"; readonly message: string };
