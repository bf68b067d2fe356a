import { UsageError } from "@flambeau/app-job";
import { describe, expect, it } from "vitest";
import { parseOptions, recipeFor } from "../src/options.ts";

const parsed = (...argv: string[]) => {
  const options = parseOptions(argv);
  if (options === "help") throw new Error("unexpected help");
  return options;
};

describe("parseOptions", () => {
  it("has defaults for everything", () => {
    expect(parsed()).toEqual({
      dataset: "fashion-mnist",
      seed: 0,
      device: "cpu",
      epochs: undefined,
      batchSize: undefined,
      lr: undefined,
      threads: undefined,
      data: undefined,
      out: undefined,
      resume: undefined,
    });
  });

  it("reads every option", () => {
    const argv =
      "--epochs 5 --batch-size 64 --lr 3e-3 --seed 7 --device cpu --threads 2 --data d --dataset digits --out o";
    expect(parsed(...argv.split(" "))).toEqual({
      dataset: "digits",
      epochs: 5,
      batchSize: 64,
      lr: 0.003,
      seed: 7,
      device: "cpu",
      threads: 2,
      data: "d",
      out: "o",
      resume: undefined,
    });
  });

  it.each([["--help"], ["-h"], ["--epochs", "3", "--help"]])("shows help for %s", (...argv) => {
    expect(parseOptions(argv)).toBe("help");
  });

  it.each([
    [["--epochs", "0"], '--epochs must be an integer from 1 to 1000000, got "0"'],
    [["--epochs", "2.5"], '--epochs must be an integer from 1 to 1000000, got "2.5"'],
    [["--batch-size", "many"], '--batch-size must be an integer from 1 to 60000, got "many"'],
    [["--lr", "-1"], "Option '--lr' argument is ambiguous"],
    [["--lr=-1"], '--lr must be a positive number, got "-1"'],
    [["--lr", "Infinity"], '--lr must be a positive number, got "Infinity"'],
    [["--lr", " "], '--lr must be a positive number, got " "'],
    [["--seed", "1e3"], '--seed must be an integer from 0 to 9007199254740991, got "1e3"'],
    [["--threads", "0"], '--threads must be an integer from 1 to 256, got "0"'],
    [["--dataset", "mnist"], '--dataset must be fashion-mnist or digits, got "mnist"'],
    [["--out", ""], "--out must not be empty"],
    [["--epoch", "3"], "Unknown option '--epoch'"],
    [["extra"], "Unexpected argument 'extra'"],
    [["--epochs"], "argument missing"],
    [["--resume", "run", "--lr", "1"], "--resume goes on with the run as it was begun: leave out --lr"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

describe("recipeFor", () => {
  it("takes what suits the data set that was found, unless told otherwise", () => {
    expect(recipeFor(parsed(), "fashion-mnist")).toMatchObject({ epochs: 3, batchSize: 128, lr: 0.01 });
    expect(recipeFor(parsed(), "digits")).toMatchObject({ dataset: "digits", epochs: 12, batchSize: 32 });
    expect(recipeFor(parsed("--epochs", "1"), "digits")).toMatchObject({ epochs: 1, batchSize: 32 });
  });
});
