import { gemm, packAllB } from "./gemm";
import { gemv } from "./gemv";
import { outer } from "./outer";

export function gemm_f32(desc: usize, start: i32, end: i32): void { gemm<f32>(desc, start, end); }
export function gemm_f64(desc: usize, start: i32, end: i32): void { gemm<f64>(desc, start, end); }
export function gemm_i32(desc: usize, start: i32, end: i32): void { gemm<i32>(desc, start, end); }
export function gemm_i64(desc: usize, start: i32, end: i32): void { gemm<i64>(desc, start, end); }
export function pack_b_f32(desc: usize, start: i32, end: i32): void { packAllB<f32>(desc, start, end); }
export function pack_b_f64(desc: usize, start: i32, end: i32): void { packAllB<f64>(desc, start, end); }
export function pack_b_i32(desc: usize, start: i32, end: i32): void { packAllB<i32>(desc, start, end); }
export function pack_b_i64(desc: usize, start: i32, end: i32): void { packAllB<i64>(desc, start, end); }
export function gemv_f32(desc: usize, start: i32, end: i32): void { gemv<f32>(desc, start, end); }
export function gemv_f64(desc: usize, start: i32, end: i32): void { gemv<f64>(desc, start, end); }
export function gemv_i32(desc: usize, start: i32, end: i32): void { gemv<i32>(desc, start, end); }
export function gemv_i64(desc: usize, start: i32, end: i32): void { gemv<i64>(desc, start, end); }
export function outer_f32(desc: usize, start: i32, end: i32): void { outer<f32>(desc, start, end); }
export function outer_f64(desc: usize, start: i32, end: i32): void { outer<f64>(desc, start, end); }
export function outer_i32(desc: usize, start: i32, end: i32): void { outer<i32>(desc, start, end); }
export function outer_i64(desc: usize, start: i32, end: i32): void { outer<i64>(desc, start, end); }
