import { type Generator, multinomial, noGrad, type Tensor, tensor, tidy } from "flambeau";
import { end, type Kind, kindToken, letterAt, letterTokens } from "./alphabet.ts";
import type { Memory, NameNetwork } from "./network.ts";

export interface SampleOptions {
  /** One for each name. */
  readonly kinds: readonly Kind[];
  /** What all of them begin with: small letters and "-". */
  readonly prefix?: string;
  /** Below 1 likely letters become more likely, above 1 less. */
  readonly temperature: number;
  readonly generator: Generator;
  /** Called with the letters of all names so far; false stops there. */
  readonly onLetter?: (spellings: readonly string[]) => boolean;
}

/** A name that does not end is cut. */
const longest = 20;

/**
 * Names that a network makes up, in small letters: after each letter it says how likely each token is to follow, and one is drawn. All are
 * written at once.
 */
export async function sampleNames(network: NameNetwork, options: SampleOptions): Promise<string[]> {
  const { kinds, prefix = "", temperature, generator, onLetter } = options;
  const letters = letterTokens(prefix);
  if (!letters) throw new RangeError(`a name cannot begin with "${prefix}"`);
  const written = kinds.map(() => prefix);
  if (kinds.length === 0) return written;
  const ended = kinds.map(() => false);
  let memory: Memory | null = null;
  let next = kinds.map((kind) => [kindToken(kind), ...letters]);
  try {
    for (let length = prefix.length; length < longest && ended.includes(false); length++) {
      // of a name without letters the end is not drawn
      const first = length === 0 ? 1 : 0;
      const [probabilities, after] = tidy(() => look(network, next, memory, { first, temperature }));
      for (const t of memory ?? []) t.dispose();
      memory = after;
      const values = await probabilities.data();
      const drawn = tidy(() => {
        const weights = tensor(values as Float32Array, { device: "cpu" }).reshape(probabilities.shape); // float32
        return (multinomial(weights, 1, { generator }).tolist() as number[][]).map(([token]) => first + token); // one of each row
      });
      probabilities.dispose();
      drawn.forEach((token, i) => {
        if (token === end) ended[i] = true;
        if (!ended[i]) written[i] += letterAt(token);
      });
      next = drawn.map((token) => [token]);
      if (onLetter?.(written) === false) break;
    }
  } finally {
    for (const t of memory ?? []) t.dispose();
  }
  return written;
}

/** How likely each token from `first` on is to follow, [N, tokens], and what the network remembers then. */
function look(
  network: NameNetwork,
  rows: readonly (readonly number[])[],
  memory: Memory | null,
  { first, temperature }: { first: number; temperature: number },
): [probabilities: Tensor, memory: Memory] {
  return inEvaluation(network, () => {
    const inputs = tensor(Int32Array.from(rows.flat())).reshape([rows.length, rows[0].length]);
    const [logits, after] = network.read(inputs, memory);
    const last = logits.select(1, -1);
    return [
      last
        .narrow(1, first, last.shape[1] - first)
        .div(temperature)
        .softmax(1),
      after,
    ];
  });
}

/** Nothing is dropped and no gradient recorded, also between the steps of a training that goes on meanwhile. */
function inEvaluation(network: NameNetwork, run: () => [Tensor, Memory]): [Tensor, Memory] {
  const { training } = network;
  network.eval();
  try {
    return noGrad(run);
  } finally {
    network.train(training);
  }
}
