import { UsageError } from "@flambeau/app-job";
import { describe, expect, it } from "vitest";
import { checkRecipe, parseOptions } from "../src/options.ts";

const parsed = (...argv: string[]) => {
  const options = parseOptions(argv);
  if (options === "help") throw new Error("unexpected help");
  return options;
};

describe("parseOptions", () => {
  it("has defaults for everything", () => {
    expect(parsed()).toMatchObject({
      recipe: { job: "names", cell: "gru", hidden: 128, epochs: 15, batchSize: 64, lr: 0.005, seed: 0 },
      wish: undefined,
      device: "cpu",
    });
  });

  it("reads every option", () => {
    const argv = "--cell lstm --hidden 16 --epochs 5 --batch-size 32 --lr 3e-3 --seed 7 --threads 2 --out o";
    expect(parsed(...argv.split(" "))).toMatchObject({
      recipe: { cell: "lstm", hidden: 16, epochs: 5, batchSize: 32, lr: 0.003, seed: 7 },
      threads: 2,
      out: "o",
    });
    const wish = "--generate 20 --prefix Ma --kind male --temperature 0.5 --run r --seed 3";
    expect(parsed(...wish.split(" "))).toMatchObject({
      seed: 3,
      wish: { count: 20, prefix: "ma", kind: "male", temperature: 0.5, run: "r" },
    });
    expect(parsed("--generate", "2").wish).toEqual({
      ...{ count: 2, prefix: "", temperature: 1, kind: undefined, run: undefined },
    });
  });

  it.each([["--help"], ["-h"], ["--epochs", "3", "--help"]])("shows help for %s", (...argv) => {
    expect(parseOptions(argv)).toBe("help");
  });

  it.each([
    [["--cell", "rnn"], '--cell must be gru or lstm, got "rnn"'],
    [["--hidden", "0"], '--hidden must be an integer from 1 to 4096, got "0"'],
    [["--generate", "0"], '--generate must be an integer from 1 to 10000, got "0"'],
    [["--prefix", "Ma"], "--prefix goes with --generate N"],
    [["--generate", "1", "--prefix", "Zoë"], '--prefix must be at most 15 letters from a to z and "-", got "Zoë"'],
    [["--generate", "1", "--prefix", "abcdefghijklmnop"], "--prefix must be at most 15 letters"],
    [["--generate", "1", "--kind", "boy"], '--kind must be female or male, got "boy"'],
    [["--generate", "1", "--temperature", "0"], '--temperature must be a positive number, got "0"'],
    [["--generate", "1", "--hidden", "8"], "--generate takes a run that is trained: leave out --hidden"],
    [["--generate", "1", "--run", ""], "--run must not be empty"],
    [["--resume", "run", "--cell", "lstm"], "--resume goes on with the run as it was begun: leave out --cell"],
    [["--data", "d"], "Unknown option '--data'"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

describe("checkRecipe", () => {
  it("takes recipes of this job only", () => {
    const { recipe } = parsed();
    expect(checkRecipe({ ...recipe, more: 1 })).toEqual(recipe);
    expect(() => checkRecipe({ ...recipe, job: "gpt" })).toThrow("it is no run of `npm run names`");
    expect(() => checkRecipe({ ...recipe, hidden: "many" })).toThrow("a value is missing");
  });
});
