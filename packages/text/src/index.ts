export { BucketBatchSampler, type BucketOptions } from "./batching/bucket-sampler.ts";
export {
  type CausalMaskOptions,
  causalMask,
  type MaskOptions,
  type PaddingMaskOptions,
  type PadOptions,
  paddingMask,
  padTokens,
} from "./batching/padding.ts";
export { type Generated, type GenerateOptions, generate } from "./generation/generate.ts";
export type { StreamOptions } from "./generation/options.ts";
export type { Prompt } from "./generation/prompts.ts";
export { type EndReason, type GeneratedToken, stream } from "./generation/stream.ts";
export { type Bleu, type BleuOptions, type BleuSmoothing, type BleuText, bleu } from "./metrics/bleu.ts";
export { type PerplexityOptions, perplexity } from "./metrics/perplexity.ts";
export type { CausalForwardOptions, CausalModel, ModelCache } from "./models/causal.ts";
export { GPT, type GPTConfig } from "./models/gpt.ts";
export { KVCache, type KVCacheOptions } from "./models/kv-cache.ts";
export {
  LearnedPositions,
  type PositionOptions,
  type PositionTableOptions,
  type RotaryOptions,
  RotaryPositions,
  SinusoidalPositions,
} from "./models/positions.ts";
export { CharTokenizer } from "./tokenizers/char.ts";
export type { Tokenizer } from "./tokenizers/tokenizer.ts";
export { type BuildVocabOptions, buildVocab, Vocab, type VocabJson, type VocabOptions } from "./tokenizers/vocab.ts";
export { basicEnglish, WordTokenizer, type WordTokenizerOptions } from "./tokenizers/word.ts";
