import type * as shared from "../training/protocol.ts";

/** Page to worker. */
export type Request =
  | shared.Request
  | { readonly type: "classify"; readonly id: number; readonly pixels: Float32Array<ArrayBuffer> }
  | { readonly type: "sample"; readonly digit: number };

/** Worker to page. */
export type Report =
  | shared.Report
  | { readonly type: "probabilities"; readonly id: number; readonly probabilities: Float32Array }
  | {
      readonly type: "sample";
      readonly digit: number;
      readonly index: number;
      readonly pixels: Float32Array<ArrayBuffer>;
    };
