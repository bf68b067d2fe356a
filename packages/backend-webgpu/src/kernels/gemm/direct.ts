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

/**
 * Each invocation computes `high` x `wide` sums in registers, straight from the buffers. A workgroup is `down` invocations along
 * rows by `across` along columns, which are interleaved: neighbours read neighbours.
 */
export function directSource(form: Form, high: number, wide: number, down: number, across: number): KernelSource {
  const body = `
  let row0 = (tile / ${word(at.columnTiles)}) * ${high * down}u + (local / ${across}u) * ${high}u;
  let column0 = (tile % ${word(at.columnTiles)}) * ${wide * across}u + local % ${across}u;
  if (row0 >= rows || column0 >= columns) { return; }
  ${each(high, (i) => `let a${i} = ${rowPlace(`row0 + ${i}u`)};`)}
  ${each(wide, (j) => columnPlace(form, `${j}`, `column0 + ${j * across}u`))}
  ${each(high * wide, (s) => `var s${s} = 0f;`, " ")}
  ${depthStart(form, "begin")}
  for (var k = begin; k < end; k++) {
    ${depthPlace(form, "k")}
    ${each(wide, (j) => `let y${j} = ${rightElement(form, `${j}`)};`)}
    ${each(high, (i) => `{ let x = r0[a${i} + ka]; ${each(wide, (j) => `s${i * wide + j} += x * y${j};`, " ")} }`)}
    ${depthStep(form)}
  }
  ${storeSums(
    form,
    high,
    wide,
    (i) => `row0 + ${i}u`,
    (j) => `column0 + ${j * across}u`,
  )}`;
  return gemmShader(form, `product ${high}x${wide}`, across * down, "", body);
}
