import { data, randint, type Tensor, tensor, text, tidy } from "flambeau";
import type { DatasetName } from "./options.ts";

/** The share of the text that the model is trained on; the rest, its end, is for validation. */
const trainingShare = 0.9;

/** A text as numbers of characters, in two parts. */
export interface Corpus {
  readonly source: data.TextData;
  readonly tokenizer: text.CharTokenizer;
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** The book; where it is nowhere to be had, its bundled chapters, whose `source.reason` says why. */
export async function loadCorpus(
  dataset: DatasetName,
  options: { root: string | undefined; log: (line: string) => void },
): Promise<Corpus> {
  const source =
    dataset === "moby-dick-excerpt"
      ? await data.mobyDick({ part: "excerpt" })
      : await data.mobyDick({ ...options, fallback: "excerpt" });
  const tokenizer = new text.CharTokenizer(source.text);
  const ids = Int32Array.from(tokenizer.encode(source.text));
  const split = Math.floor(trainingShare * ids.length);
  return { source, tokenizer, train: ids.subarray(0, split), validation: ids.subarray(split) };
}

/** Pieces of a text, each [B, block], and what follows each of their characters. */
export type Batch = [ids: Tensor, next: Tensor];

/** Pieces that begin at the given places. */
export function piecesAt(ids: Int32Array, starts: ArrayLike<number>, block: number): Batch {
  const [here, next] = [new Int32Array(starts.length * block), new Int32Array(starts.length * block)];
  for (let i = 0; i < starts.length; i++) {
    here.set(ids.subarray(starts[i], starts[i] + block), i * block);
    next.set(ids.subarray(starts[i] + 1, starts[i] + 1 + block), i * block);
  }
  const shape = [starts.length, block];
  return tidy((): Batch => [tensor(here).reshape(shape), tensor(next).reshape(shape)]);
}

/** Pieces from anywhere, drawn from the global generator as `torch.randint` does. */
export function randomPieces(ids: Int32Array, count: number, block: number): Batch {
  const starts = randint(ids.length - block, [count], { dtype: "int32", device: "cpu" });
  const batch = piecesAt(ids, starts.dataSync() as Int32Array, block); // int32, on the cpu
  starts.dispose();
  return batch;
}

/** All pieces of a text one after the other, so many in a batch; a rest that fills no piece is left out. */
export function* allPieces(ids: Int32Array, count: number, block: number): Generator<Batch> {
  const pieces = Math.max(0, Math.ceil((ids.length - block) / block));
  for (let from = 0; from < pieces; from += count) {
    const starts = Array.from({ length: Math.min(count, pieces - from) }, (_, i) => (from + i) * block);
    yield piecesAt(ids, starts, block);
  }
}
