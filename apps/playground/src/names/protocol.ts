import type { Kind, Origin } from "@flambeau/app-names/model";
import type * as shared from "../training/protocol.ts";

/** What a visitor asks for. */
export interface Wish {
  /** In small letters. */
  readonly prefix: string;
  /** Undefined: half of each. */
  readonly kind: Kind | undefined;
  readonly temperature: number;
}

export interface MadeUp {
  readonly name: string;
  readonly kind: Kind;
  readonly origin: Origin;
}

/** Page to worker: make up names now, and while it learns. */
export type Request = shared.Request | { readonly type: "wish"; readonly wish: Wish; readonly id: number };

/** Worker to page. */
export type Report =
  | shared.Report
  | {
      readonly type: "names";
      /** Of the wish that they are made up for. */
      readonly id: number;
      readonly step: number;
      readonly names: readonly MadeUp[];
    };
