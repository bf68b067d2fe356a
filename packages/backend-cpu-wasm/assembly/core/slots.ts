/** Argument i (an i32 or an address) of the descriptor. */
// @ts-ignore: decorator
@inline export function slot(desc: usize, i: i32): i32 {
  return load<i32>(desc + (<usize>i << 2));
}

/** Argument i read as f32. */
// @ts-ignore: decorator
@inline export function slotF32(desc: usize, i: i32): f32 {
  return load<f32>(desc + (<usize>i << 2));
}
