import type { KernelSource } from "../../engine/kernel.ts";
import { word } from "../../wgsl/shader.ts";
import {
  at,
  columnPlace,
  depthPlace,
  depthStart,
  depthStep,
  each,
  type Form,
  gemmShader,
  rightElement,
  rowPlace,
  storeSums,
} from "./source.ts";

/** A workgroup is a square of this many invocations a side. */
export const side = 8;
const threads = side * side;
/** Steps of k that are held in workgroup memory at a time, as vectors of four. */
const quads = 4;
const step = 4 * quads;

/**
 * Tiles of both factors in workgroup memory, `per` x `per` sums an invocation. `leftAlong` and `rightAlong` say that the factor is
 * contiguous along k: neighbouring invocations then load neighbours along k, else along rows or columns.
 */
export function tiledSource(form: Form, per: 4 | 8, leftAlong: boolean, rightAlong: boolean): KernelSource {
  const tile = side * per;
  // a vector more, so that loads along k do not all fall on one bank
  const pitch = tile + 1;
  const declarations = `
var<workgroup> lefts: array<vec4<f32>, ${quads * pitch}>;
var<workgroup> rights: array<vec4<f32>, ${quads * pitch}>;`;
  const body = `
  let tileRow = (tile / ${word(at.columnTiles)}) * ${tile}u;
  let tileColumn = (tile % ${word(at.columnTiles)}) * ${tile}u;
  let ty = local / ${side}u;
  let tx = local % ${side}u;
  let outer = local % ${tile}u;
  let firstQuad = (local / ${tile}u) * ${quads / (threads / tile)}u;
  let a = ${rowPlace("tileRow + outer")};
  ${columnPlace(form, "Own", "tileColumn + outer")}
  ${each(per * per, (s) => `var s${s} = 0f;`, " ")}
  for (var start = begin; start < end; start += ${step}u) {
    workgroupBarrier();
    ${leftAlong ? along("lefts", "r0", pitch, per, (i) => `leftBase + min(tileRow + ${i}, rows - 1u) * ${word(at.left + 2)}`) : ""}
    ${rightAlong ? along("rights", "r1", pitch, per, (i) => `rightBase + min(tileColumn + ${i}, columns - 1u) * ${word(at.right + 2)}`) : ""}
    ${leftAlong && rightAlong ? "" : acrossSource(form, pitch, tile, !leftAlong, !rightAlong)}
    workgroupBarrier();
    for (var q = 0u; q < ${quads}u; q++) {
      ${each(per, (i) => `let x${i} = lefts[q * ${pitch}u + ty + ${i * side}u];`)}
      ${each(per, (j) => `{ let y = rights[q * ${pitch}u + tx + ${j * side}u]; ${each(per, (i) => `s${i * per + j} += dot(x${i}, y);`, " ")} }`)}
    }
  }
  ${storeSums(
    form,
    per,
    per,
    (i) => `tileRow + ty + ${i * side}u`,
    (j) => `tileColumn + tx + ${j * side}u`,
  )}`;
  return gemmShader(form, `product of tiles ${tile}x${tile}`, threads, declarations, body);
}

/** Loads a tile of a factor that is contiguous along k: four invocations take the steps of one row or column. */
const along = (tile: string, buffer: string, pitch: number, per: number, place: (outer: string) => string): string => `
    for (var i = local / ${quads}u; i < ${side * per}u; i += ${threads / quads}u) {
      let k = start + (local % ${quads}u) * 4u;
      let first = ${place("i")} + k;
      ${tile}[(local % ${quads}u) * ${pitch}u + i] = vec4<f32>(${each(4, (c) => `select(0f, ${buffer}[first + ${c}u], k + ${c}u < end)`, ", ")});
    }`;

/** Loads tiles so that neighbouring invocations have neighbouring rows or columns. */
function acrossSource(form: Form, pitch: number, tile: number, left: boolean, right: boolean): string {
  const element = (c: number): string => `{
        let k = first + ${c}u;
        ${depthPlace(form, "k")}
        ${left ? `x[${c}] = select(0f, r0[a + ka], k < end);` : ""}
        ${right ? `y[${c}] = select(0f, ${rightElement(form, "Own")}, k < end);` : ""}
        ${depthStep(form)}
      }`;
  return `
    ${depthStart(form, `(start + firstQuad * 4u)`)}
    for (var q = 0u; q < ${quads / (threads / tile)}u; q++) {
      let first = start + (firstQuad + q) * 4u;
      ${left ? "var x = vec4<f32>();" : ""}
      ${right ? "var y = vec4<f32>();" : ""}
      ${each(4, element)}
      ${left ? `lefts[(firstQuad + q) * ${pitch}u + outer] = x;` : ""}
      ${right ? `rights[(firstQuad + q) * ${pitch}u + outer] = y;` : ""}
    }`;
}
