// Element-Research's rnn: modules that are given sequences, step by step or as a whole.
export { AbstractRecurrent, forget, type RecurrentOptions, type Remember, remember } from "./abstract-recurrent.ts";
export { AbstractSequencer, type Sequence } from "./abstract-sequencer.ts";
export { BiSequencer, BiSequencerLM, type Merge } from "./bi-sequencer.ts";
export {
  MaskZeroCriterion,
  RepeaterCriterion,
  SequencerCriterion,
  type SequencerCriterionOptions,
} from "./criterions.ts";
export { FastLSTM, type FastLSTMOptions } from "./fast-lstm.ts";
export { GRU } from "./gru.ts";
export { type GateModule, LSTM, type LSTMOptions } from "./lstm.ts";
export { LookupTableMaskZero, type LookupTableMaskZeroOptions, MaskZero, TrimZero } from "./mask-zero.ts";
export { MuFuRu, type MuFuRuOperation, type MuFuRuOptions } from "./mufuru.ts";
export { NormStabilizer } from "./norm-stabilizer.ts";
export { type OutputSize, Recurrence, type RecurrenceOptions, Recursor, type RecursorOptions } from "./recurrence.ts";
export { Recurrent, type SimpleRecurrentOptions } from "./recurrent.ts";
export { RecurrentAttention, type RecurrentAttentionOptions } from "./recurrent-attention.ts";
export { SeqBRNN, type SeqBRNNOptions } from "./seq-brnn.ts";
export { SeqGRU } from "./seq-gru.ts";
export { SeqLSTM, SeqLSTMP } from "./seq-lstm.ts";
export type { SeqInput, SeqOptions } from "./seq-states.ts";
export { Repeater, Sequencer } from "./sequencer.ts";
export { CopyGrad, ExpandAs, LinearNoBias, type LinearNoBiasOptions, SAdd, SeqReverseSequence } from "./simple.ts";
export type { GatedOptions } from "./vector-recurrent.ts";
