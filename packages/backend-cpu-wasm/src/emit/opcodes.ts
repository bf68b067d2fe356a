/**
 * WebAssembly opcodes under their text-format names. An opcode of the 0xFC or 0xFD page carries the page in its upper bits:
 * `0xfd0000 | number`. Numbers are from the core specification, chapter "Binary Format", and the relaxed SIMD proposal.
 */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const VOID = 0x40;
export type ValType = typeof I32 | typeof I64 | typeof F32 | typeof F64 | typeof V128;

const simd = (n: number): number => 0xfd0000 | n;
const sat = (n: number): number => 0xfc0000 | n;

// biome-ignore format: a table
export const control = {
  block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, return: 0x0f, call: 0x10,
  drop: 0x1a, select: 0x1b, get: 0x20, set: 0x21, tee: 0x22,
} as const;

// biome-ignore format: a table
export const i32 = {
  const: 0x41, load: 0x28, load8s: 0x2c, load8u: 0x2d, load16s: 0x2e, load16u: 0x2f, store: 0x36, store8: 0x3a, store16: 0x3b,
  eqz: 0x45, eq: 0x46, ne: 0x47, ltS: 0x48, ltU: 0x49, gtS: 0x4a, gtU: 0x4b, leS: 0x4c, leU: 0x4d, geS: 0x4e, geU: 0x4f,
  add: 0x6a, sub: 0x6b, mul: 0x6c, divS: 0x6d, divU: 0x6e, remS: 0x6f, remU: 0x70,
  and: 0x71, or: 0x72, xor: 0x73, shl: 0x74, shrS: 0x75, shrU: 0x76,
  wrap: 0xa7, reinterpret: 0xbc, truncF32: sat(0), truncF64: sat(2),
} as const;

// biome-ignore format: a table
export const i64 = {
  const: 0x42, load: 0x29, store: 0x37,
  eqz: 0x50, eq: 0x51, ne: 0x52, ltS: 0x53, gtS: 0x55, leS: 0x57, geS: 0x59,
  add: 0x7c, sub: 0x7d, mul: 0x7e, divS: 0x7f, remS: 0x81,
  and: 0x83, or: 0x84, xor: 0x85, shl: 0x86, shrS: 0x87, shrU: 0x88,
  extendS: 0xac, extendU: 0xad, reinterpret: 0xbd, truncF32: sat(4), truncF64: sat(6),
} as const;

// biome-ignore format: a table
export const f32 = {
  const: 0x43, load: 0x2a, store: 0x38,
  eq: 0x5b, ne: 0x5c, lt: 0x5d, gt: 0x5e, le: 0x5f, ge: 0x60,
  abs: 0x8b, neg: 0x8c, ceil: 0x8d, floor: 0x8e, trunc: 0x8f, nearest: 0x90, sqrt: 0x91,
  add: 0x92, sub: 0x93, mul: 0x94, div: 0x95, min: 0x96, max: 0x97, copysign: 0x98,
  convertI32: 0xb2, convertI64: 0xb4, demote: 0xb6, reinterpret: 0xbe,
} as const;

// biome-ignore format: a table
export const f64 = {
  const: 0x44, load: 0x2b, store: 0x39,
  eq: 0x61, ne: 0x62, lt: 0x63, gt: 0x64, le: 0x65, ge: 0x66,
  abs: 0x99, neg: 0x9a, ceil: 0x9b, floor: 0x9c, trunc: 0x9d, nearest: 0x9e, sqrt: 0x9f,
  add: 0xa0, sub: 0xa1, mul: 0xa2, div: 0xa3, min: 0xa4, max: 0xa5, copysign: 0xa6,
  convertI32: 0xb7, convertI64: 0xb9, promote: 0xbb, reinterpret: 0xbf,
} as const;

// biome-ignore format: a table
export const v128 = {
  const: simd(12), load: simd(0), load8Splat: simd(7), load16Splat: simd(8), load32Splat: simd(9), load64Splat: simd(10),
  load32Zero: simd(92), load64Zero: simd(93), store: simd(11),
  load8Lane: simd(84), load16Lane: simd(85), load32Lane: simd(86), load64Lane: simd(87),
  store8Lane: simd(88), store16Lane: simd(89), store32Lane: simd(90), store64Lane: simd(91),
  load8x8S: simd(1), load8x8U: simd(2), load16x4S: simd(3), load16x4U: simd(4),
  shuffle: simd(13), swizzle: simd(14),
  not: simd(77), and: simd(78), andnot: simd(79), or: simd(80), xor: simd(81), bitselect: simd(82), anyTrue: simd(83),
} as const;

// biome-ignore format: a table
export const i8x16 = { narrowS: simd(101), narrowU: simd(102) } as const;

// biome-ignore format: a table
export const i16x8 = {
  splat: simd(16), eq: simd(45), narrowS: simd(133), narrowU: simd(134), extendLowS8: simd(135), extendLowU8: simd(137),
  shl: simd(139), shrS: simd(140), minS: simd(150),
} as const;

// biome-ignore format: a table
export const i32x4 = {
  splat: simd(17), extractLane: simd(27), replaceLane: simd(28),
  eq: simd(55), ne: simd(56), ltS: simd(57), ltU: simd(58), gtS: simd(59), gtU: simd(60), leS: simd(61), geS: simd(63), geU: simd(64),
  abs: simd(160), neg: simd(161), allTrue: simd(163), bitmask: simd(164),
  extendLowS: simd(167), extendHighS: simd(168), extendLowU: simd(169), extendHighU: simd(170),
  shl: simd(171), shrS: simd(172), shrU: simd(173), add: simd(174), sub: simd(177), mul: simd(181),
  minS: simd(182), minU: simd(183), maxS: simd(184), maxU: simd(185), dot: simd(186),
  truncF32: simd(248), truncF64: simd(252),
} as const;

// biome-ignore format: a table
export const f32x4 = {
  splat: simd(19), extractLane: simd(31), replaceLane: simd(32),
  eq: simd(65), ne: simd(66), lt: simd(67), gt: simd(68), le: simd(69), ge: simd(70),
  ceil: simd(103), floor: simd(104), trunc: simd(105), nearest: simd(106),
  abs: simd(224), neg: simd(225), sqrt: simd(227), add: simd(228), sub: simd(229), mul: simd(230), div: simd(231),
  min: simd(232), max: simd(233), pmin: simd(234), pmax: simd(235),
  convertI32: simd(250), demoteF64: simd(94),
  relaxedMadd: simd(261), relaxedNmadd: simd(262),
} as const;

// biome-ignore format: a table
export const i64x2 = { shl: simd(203), shrU: simd(205), add: simd(206), sub: simd(209) } as const;
export const f64x2 = {
  splat: simd(20),
  extractLane: simd(33),
  replaceLane: simd(34),
  eq: simd(71),
  ne: simd(72),
  lt: simd(73),
  gt: simd(74),
  le: simd(75),
  ge: simd(76),
  ceil: simd(116),
  floor: simd(117),
  trunc: simd(122),
  nearest: simd(148),
  abs: simd(236),
  neg: simd(237),
  sqrt: simd(239),
  add: simd(240),
  sub: simd(241),
  mul: simd(242),
  div: simd(243),
  min: simd(244),
  max: simd(245),
  pmin: simd(246),
  pmax: simd(247),
  convertLowI32: simd(254),
  promoteLowF32: simd(95),
  relaxedMadd: simd(263),
  relaxedNmadd: simd(264),
} as const;
