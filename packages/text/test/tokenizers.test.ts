import { HuggingFaceTokenizer } from "@flambeau/text/huggingface";
import { FormatError, text } from "flambeau";
import { describe, expect, test } from "vitest";
import { figures } from "./support/figures.ts";

describe("characters", () => {
  test("are in the order of their code points, and come back", () => {
    const tokenizer = new text.CharTokenizer("\uffee😀ba\n");
    expect(tokenizer.tokens).toEqual(["\n", "a", "b", "\uffee", "😀"]);
    const line = "a😀b\uffee\n";
    expect(tokenizer.decode(tokenizer.encode(line))).toBe(line);
    expect(new text.CharTokenizer(tokenizer.tokens.join("")).tokens).toEqual(tokenizer.tokens);
  });
  test("that are not there are named", () => {
    const tokenizer = new text.CharTokenizer("ab");
    expect(() => tokenizer.encode("abc")).toThrow('there is no token for "c"');
    expect(() => tokenizer.decode([0, 2])).toThrow("there is no token 2");
    expect(() => new text.CharTokenizer("")).toThrow("is made of a text");
  });
});

describe("words", () => {
  test("are split as torchtext's basic_english splits them", () => {
    for (const [line, tokens] of figures.words) expect(text.basicEnglish(line), JSON.stringify(line)).toEqual(tokens);
  });
  test.each(figures.vocab.cases)("a vocabulary of those that come $minFreq times or more", ({ minFreq, tokens }) => {
    const vocab = text.buildVocab(figures.vocab.lines, { minFreq, specials: ["<unk>", "<pad>"], defaultIndex: 0 });
    expect(vocab.tokens).toEqual(tokens);
    expect(vocab.lookupTokens(vocab.lookupIndices(tokens))).toEqual(tokens);
    const again = text.Vocab.fromJSON(JSON.parse(JSON.stringify(vocab)));
    expect([again.tokens, again.defaultIndex]).toEqual([vocab.tokens, 0]);
    expect(again.lookupIndices(["no such word", tokens[2]])).toEqual([0, 2]);
  });
  test("specials come last, or make room, as they are asked to", () => {
    const lines = [["b", "a", "a", "<s>"]];
    expect(text.buildVocab(lines, { specials: ["<s>"], specialFirst: false }).tokens).toEqual(["a", "b", "<s>"]);
    expect(text.buildVocab(lines, { specials: ["<s>"], maxTokens: 2 }).tokens).toEqual(["<s>", "a"]);
  });
  test.each([
    [() => new text.Vocab(["a", "b", "a"]), 'the token "a" comes twice'],
    [() => new text.Vocab(["a"], { defaultIndex: 1 }), "defaultIndex must be an integer from 0 to 0"],
    [() => new text.Vocab(["a"]).index("b"), 'there is no token "b"'],
    [() => new text.Vocab(["a"]).lookupToken(-1), "there are 1 tokens, got the number -1"],
    [() => text.buildVocab(["a b"] as never, { minFreq: 0 }), "minFreq must be a positive integer"],
    [() => text.buildVocab(["a b"] as never), "split the texts first"],
    [() => new text.WordTokenizer(["a"] as never), "is made of a Vocab"],
  ])("%#: %s", (run, message) => {
    expect(run).toThrow(message);
  });
  test.each([
    [null],
    [{ tokens: [1], defaultIndex: null }],
    [{ tokens: ["a", "a"], defaultIndex: null }],
    [{ tokens: ["a"] }],
  ])("%j is no vocabulary", (json) => {
    expect(() => text.Vocab.fromJSON(json as never)).toThrow(FormatError);
  });
});

describe.each(["bpe", "wordpiece"] as const)("tokenizer.json of a %s", (name) => {
  const { file, vocabSize, cases } = figures.subwords[name];
  const tokenizer = new HuggingFaceTokenizer(file);
  test("has the numbers that Python's tokenizers gives", () => {
    expect(tokenizer.vocabSize).toBe(vocabSize);
    for (const { text: line, ids, bare, decoded, whole } of cases) {
      expect(tokenizer.encode(line), JSON.stringify(line)).toEqual(ids);
      expect(tokenizer.encode(line, { addSpecialTokens: false }), JSON.stringify(line)).toEqual(bare);
      expect(tokenizer.decode(ids), JSON.stringify(line)).toBe(decoded);
      expect(tokenizer.decode(ids, { skipSpecialTokens: false }), JSON.stringify(line)).toBe(whole);
    }
  });
  test("is a tokenizer of generate", async () => {
    const model = new text.GPT({ vocabSize, blockSize: 12, layers: 1, heads: 1, width: 4 });
    const { text: written, tokens } = await text.generate(model, "the king", { tokenizer, maxNewTokens: 8 });
    expect(tokens.length).toBe(8);
    expect(written).toBe(tokenizer.decode(tokens));
  });
});
test("batches are padded as Python's tokenizers pads them", () => {
  const { file, batch } = figures.subwords.wordpiece;
  const tokenizer = new HuggingFaceTokenizer(JSON.stringify(file));
  const got = tokenizer.encodeBatch(batch.texts);
  expect(got.ids.tolist()).toEqual(batch.ids);
  expect(got.mask.to("int32").tolist()).toEqual(batch.mask);
  const left = tokenizer.encodeBatch(batch.texts, { side: "left", length: 3, addSpecialTokens: false });
  expect(left.ids.at(1).tolist()).toEqual(
    [0, 0, 0, ...tokenizer.encode("kalo", { addSpecialTokens: false })].slice(-3),
  );
});
test("the space before punctuation goes where the configuration says so", () => {
  const { file } = figures.subwords.bpe;
  const ids = new HuggingFaceTokenizer(file).encode("the .");
  const decoded = (config: object) => new HuggingFaceTokenizer(file, config).decode(ids);
  expect([decoded({}), decoded({ clean_up_tokenization_spaces: true })]).toEqual(["the .", "the."]);
});
test.each([
  [() => new HuggingFaceTokenizer("{"), FormatError, "no JSON"],
  [() => new HuggingFaceTokenizer({}), FormatError, "no tokenizer"],
  [() => new HuggingFaceTokenizer(3 as never), FormatError, "is wanted, got 3"],
  [() => new HuggingFaceTokenizer({ model: { type: "Nothing" } }), FormatError, "no tokenizer"],
  [() => new HuggingFaceTokenizer(figures.subwords.bpe.file).encode(null as never), Error, "takes a text, got null"],
  [
    () => new HuggingFaceTokenizer(figures.subwords.bpe.file).decode([9999]),
    Error,
    "each token must be an integer from 0 to",
  ],
])("%#: %s", (run, kind, message) => {
  expect(run).toThrow(kind);
  expect(run).toThrow(message);
});
