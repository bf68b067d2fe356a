import { bytesOf, type Program } from "@flambeau/tensor/plugin";
import type { Access } from "./layout.ts";
import type { Motion } from "./walk.ts";

// The views of a program's kernel: its output, its inputs and, where the program asks for it, the position of an element.

export const usesIndex = ({ nodes }: Program): boolean => nodes.some((e) => e.op === "index");

export const countViews = (program: Program): number => 1 + program.inputs.length + (usesIndex(program) ? 1 : 0);

/** Bytes of an element of view `v`; positions are counted in elements. */
export const viewBytes = ({ output, inputs }: Program, v: number): number =>
  v > inputs.length ? 1 : bytesOf(v === 0 ? output : inputs[v - 1]);

/** How they move along a loop: by `access`, with steps that stand where `step` says. */
export const motionOf = (program: Program, access: readonly Access[], step: Motion["step"]): Motion => ({
  access,
  bytes: (v) => viewBytes(program, v),
  step,
});
