/** Where a nest of loops stands in a kernel's arguments, in bytes; loops are numbered innermost first. */
export interface LoopLayout {
  readonly loops: number;
  /** The step of a view along a loop, itself in bytes. */
  step(loop: number, view: number): number;
  size(loop: number): number;
}

/**
 * Where a kernel finds its arguments: 32-bit words at the address it is given. Views are numbered output first, then the
 * inputs, then (where the program asks for positions) the position of the first element; loops are numbered innermost first.
 *
 *   address of view v           4 v
 *   step of view v along loop d 4 (V + d V + v)      in bytes
 *   size of loop d              4 (V + k V + d)
 *   params                      as float64, from the next multiple of 8
 */
export interface ArgumentLayout extends LoopLayout {
  readonly views: number;
  readonly params: number;
  readonly bytes: number;
}

export function argumentLayout(views: number, loops: number, params: number): ArgumentLayout {
  const paramsAt = (4 * (views + loops * views + loops) + 7) & ~7;
  return {
    views,
    loops,
    step: (loop, view) => 4 * (views + loop * views + view),
    size: (loop) => 4 * (views + loops * views + loop),
    params: paramsAt,
    bytes: paramsAt + 8 * params,
  };
}

/** How a view moves along the innermost loop. */
export const STILL = 0;
export const UNIT = 1;
export const STRIDED = 2;
export type Access = typeof STILL | typeof UNIT | typeof STRIDED;
