import { memory } from "flambeau";
import { describe, expect, test } from "vitest";
import { allStarts, Corpus, randomStarts, windows } from "../src/gpt/corpus.ts";
import type { Report } from "../src/gpt/protocol.ts";
import { TextTrainer } from "../src/gpt/trainer.ts";

describe("a corpus", () => {
  const corpus = new Corpus("“It’s so,” he said. ".repeat(10));

  test("is held out at its end, and has what a keyboard has", () => {
    expect([corpus.train.length, corpus.validation.length]).toEqual([180, 20]);
    expect(corpus.tokenizer.decode(corpus.validation)).toBe(`"It's so," he said. `);
    expect(corpus.unknownIn("It's")).toBeUndefined();
    expect(corpus.unknownIn("so €")).toBe("€");
  });

  test("is read in windows, each character followed by its target", () => {
    const [inputs, targets] = windows(corpus.train, [0, 6], 5);
    const texts = (rows: unknown) => (rows as number[][]).map((row) => corpus.tokenizer.decode(row));
    expect(texts(inputs.tolist())).toEqual([`"It's`, 'so," ']);
    expect(texts(targets.tolist())).toEqual([`It's `, 'o," h']);
    expect(allStarts(corpus.validation, 6)).toEqual([0, 6, 12]);
    for (const start of randomStarts(corpus.train, 500, 178)) expect([0, 1]).toContain(start);
  });
});

test("the trainer learns, writes what it is asked for, stops, and leaves no tensors behind", async () => {
  const corpus = new Corpus("abc ".repeat(500));
  const reports: Report[] = [];
  const trainer = new TextTrainer(corpus, (report) => {
    reports.push(report);
    if (report.type === "progress" && report.step >= 60) trainer.pause();
  });
  const written = (from: number) =>
    reports
      .slice(from)
      .flatMap((report) => (report.type === "text" ? [report.text] : []))
      .join("");
  trainer.set({ learningRate: 0.003, batchSize: 4, epochs: 1 });
  await trainer.run();
  const held = memory().cpu.tensors;
  const measured = reports.flatMap((report) => (report.type === "measured" ? [report.value] : []));
  expect(measured[measured.length - 1]).toBeLessThan(0.5 * measured[0]);
  expect(reports[reports.length - 1]).toEqual({ type: "stopped", reason: "paused" });

  let from = reports.length;
  await trainer.wish({ prompt: "c ab", temperature: 0.1 }, true);
  expect(reports[from]).toMatchObject({ type: "begins", prompt: "c ab" });
  expect(reports[reports.length - 1]).toEqual({ type: "ends" });
  expect(written(from)).toBe("c ab".repeat(150));
  expect(memory().cpu.tensors).toBe(held);

  from = reports.length;
  const under = trainer.wish({ prompt: "a", temperature: 1 }, true);
  trainer.hush();
  await under;
  expect(written(from).length).toBeLessThan(600);
  expect(reports[reports.length - 1]).toEqual({ type: "ends" });

  await trainer.wish({ prompt: "x", temperature: 1 }, true);
  expect(reports[reports.length - 1]).toEqual({
    type: "refused",
    message: 'The text that it learns from has no "x".',
  });
});
