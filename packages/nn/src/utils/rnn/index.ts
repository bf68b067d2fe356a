export { invertPermutation, isPackedSequence, PackedSequence } from "./packed-sequence.ts";
export {
  type PackPaddedSequenceOptions,
  type PackSequenceOptions,
  type PadPackedSequenceOptions,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  unpackSequence,
} from "./packing.ts";
export { type PadSequenceOptions, padSequence, type UnpadSequenceOptions, unpadSequence } from "./padding.ts";
