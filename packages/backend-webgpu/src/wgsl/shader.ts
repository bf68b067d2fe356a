import type { KernelSource } from "../engine/kernel.ts";
import { librarySource } from "./math/index.ts";

/** Invocations in a workgroup, where a kernel has no reason for another number. */
export const workgroup = 64;

export interface ShaderParts {
  readonly label: string;
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  /** Names of the library's functions that the shader calls. */
  readonly uses?: Iterable<string>;
  /** Declarations: functions, workgroup variables, constants. */
  readonly declarations?: string;
  readonly workgroup?: number;
  /** The body of `main`. It sees `p` (parameters), `group` (the workgroup's number in its line), `local` (the invocation's in it), `wid`. */
  readonly body: string;
}

/** A whole shader: bindings, the library's functions that it uses, and `main`. */
export function shader(parts: ShaderParts): KernelSource {
  const { label, writes, reads, uses = [], declarations = "", body } = parts;
  const bindings = [
    ...writes.map((type, i) => `var<storage, read_write> w${i}: array<${type}>;`),
    ...reads.map((type, i) => `var<storage, read> r${i}: array<${type}>;`),
  ].map((declaration, i) => `@group(0) @binding(${i + 1}) ${declaration}`);
  const code = `@group(0) @binding(0) var<uniform> p: array<vec4<u32>, 128>;
${bindings.join("\n")}
${librarySource(uses)}
${declarations}
@compute @workgroup_size(${parts.workgroup ?? workgroup})
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let group = wid.y * p[0].x + wid.x;
${body}
}
`;
  return { label, writes, reads, code };
}

const lane = ["x", "y", "z", "w"];
/** The parameter word at a fixed place. */
export const word = (at: number): string => `p[${at >> 2}].${lane[at & 3]}`;
export const floatWord = (at: number): string => `bitcast<f32>(${word(at)})`;
export const intWord = (at: number): string => `bitcast<i32>(${word(at)})`;
