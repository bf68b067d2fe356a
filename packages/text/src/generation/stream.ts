import { nextStep } from "@flambeau/tensor/functional";
import { option } from "@flambeau/tensor/plugin";
import type { CausalModel } from "../models/causal.ts";
import { type Settled, type StreamOptions, settle } from "./options.ts";
import { type Prompt, readPrompts } from "./prompts.ts";
import { choose, logSumExp, reshapeLogits } from "./sampling.ts";
import { checkModel, Stepper } from "./stepper.ts";
import { TextPieces } from "./text-pieces.ts";

/** Why a sequence ended: it is as long as was asked for, or there was something to stop at. */
export type EndReason = "length" | "stop";
/** One token that came. */
export interface GeneratedToken {
  /** The number of its prompt. */
  readonly sequence: number;
  /** The token; null where only text that was held back follows. */
  readonly token: number | null;
  /** Logarithm of the probability that the model gave it (before temperature and the like). */
  readonly logProb: number;
  /** What is certain of the text by now and was not before; empty without a tokenizer. */
  readonly text: string;
  /** Why the sequence ends here; null when it goes on. */
  readonly end: EndReason | null;
}
/** One sequence under way. */
interface Running {
  readonly sequence: number;
  readonly tokens: number[];
  readonly pieces: TextPieces | null;
}

/**
 * The tokens that a model writes after a prompt, or after several, one by one: `p(token) = softmax(logits / temperature)[token]`, after what
 * `repetitionPenalty`, `topK` and `topP` do. Between tokens the event loop gets a turn. A model that is in training does not drop, here.
 *
 * With the same seed the tokens are those that PyTorch's `torch.multinomial` draws. What is longer than the model's block is shown without its
 * beginning.
 *
 * Shapes: prompts of any lengths; tokens of all sequences come in turn, those of one in order.
 *
 * @throws ArgumentError for a prompt without tokens, options out of range, texts without a tokenizer, logits that are no numbers.
 * @throws ShapeError when the model does not give [B, T, V]; the signal's reason.
 * @see https://arxiv.org/abs/1904.09751
 * @example
 * import { manualSeed } from "flambeau";
 * manualSeed(0);
 * const tokenizer = new CharTokenizer("abc");
 * const model = new GPT({ vocabSize: 3, blockSize: 8, layers: 1, heads: 1, width: 4 });
 * const seen: string[] = [];
 * for await (const { text } of stream(model, "ab", { tokenizer, maxNewTokens: 5 })) seen.push(text);
 * seen.length; // 5
 */
export function stream(
  model: CausalModel,
  prompt: Prompt | readonly Prompt[],
  options: StreamOptions = option.none,
): AsyncGenerator<GeneratedToken, void, undefined> {
  const settled = settle("stream", options);
  checkModel("stream", model);
  return streamed("stream", model, readPrompts("stream", prompt, settled.tokenizer).prompts, settled);
}

export async function* streamed(
  op: string,
  model: CausalModel,
  prompts: readonly number[][],
  settled: Settled,
): AsyncGenerator<GeneratedToken, void, undefined> {
  const { tokenizer, maxNewTokens, stopTexts, checkAborted } = settled;
  let running: Running[] = prompts.map((tokens, sequence) => {
    settled.generatorOf(sequence); // is there one?
    return { sequence, tokens, pieces: tokenizer && new TextPieces(tokenizer, stopTexts) };
  });
  checkAborted();
  const most = Math.max(...prompts.map((tokens) => tokens.length)) + maxNewTokens;
  const stepper = new Stepper(op, model, { ...settled, most });
  try {
    for (let count = 1; count <= maxNewTokens && running.length > 0; count++) {
      const logits = await stepper.next(running.map(({ tokens }) => tokens));
      const going: number[] = [];
      // drawn before any is given: what a program does between two of them does not come between their draws
      const drawn = running.map((one, i) => taken(one, logits[i], settled, count === maxNewTokens));
      for (const [i, token] of drawn.entries()) {
        if (token.end === null) going.push(i);
        yield token;
      }
      checkAborted();
      if (going.length < running.length && going.length > 0) stepper.reorder(going);
      running = going.map((i) => running[i]);
      await nextStep();
      checkAborted();
    }
  } finally {
    stepper.dispose();
  }
}

/** The next token of a sequence, which is added to it. */
function taken(
  { sequence, tokens, pieces }: Running,
  logits: Float64Array,
  settled: Settled,
  full: boolean,
): GeneratedToken {
  const total = logSumExp(logits);
  const raw = logits.slice();
  const token = choose(reshapeLogits(logits, tokens, settled), settled.temperature, settled.generatorOf(sequence));
  const logProb = raw[token] - total;
  if (settled.stopTokens.has(token)) return { sequence, token: null, logProb, text: pieces?.end() ?? "", end: "stop" };
  tokens.push(token);
  let text = pieces?.add(token) ?? "";
  const end = pieces?.stopped ? "stop" : full ? "length" : null;
  if (end === "length") text += pieces?.end() ?? "";
  return { sequence, token, logProb, text, end: pieces?.stopped ? "stop" : end };
}
