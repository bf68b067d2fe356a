import { UsageError } from "@flambeau/app-job";
import { describe, expect, it } from "vitest";
import { checkRecipe, parseOptions } from "../src/options.ts";

const parsed = (...argv: string[]) => {
  const options = parseOptions(argv);
  if (options === "help") throw new Error("unexpected help");
  return options;
};

describe("parseOptions", () => {
  it("trains by default, with a setting for everything", () => {
    const { recipe, write, ...common } = parsed();
    expect(write).toBeUndefined();
    expect(common).toMatchObject({ seed: 0, device: "cpu" });
    expect(recipe).toEqual({
      ...{ job: "gpt", dataset: "moby-dick", steps: 2000, batchSize: 16, block: 128, layers: 4, heads: 4, width: 128 },
      ...{ position: "rotary", lr: 0.003, warmup: 100, evalEvery: 250, seed: 0 },
    });
  });

  it("reads every option of a recipe", () => {
    const argv =
      "--steps 9 --batch-size 2 --block 8 --layers 1 --heads 3 --width 12 --position learned --lr 0.1 --warmup 4 --eval-every 5 --seed 6 --dataset moby-dick-excerpt";
    expect(parsed(...argv.split(" ")).recipe).toEqual({
      ...{ job: "gpt", dataset: "moby-dick-excerpt", steps: 9, batchSize: 2, block: 8, layers: 1, heads: 3, width: 12 },
      ...{ position: "learned", lr: 0.1, warmup: 4, evalEvery: 5, seed: 6 },
    });
  });

  it("keeps the warm-up within a short training", () => {
    expect(parsed("--steps", "7").recipe.warmup).toBe(4);
    expect(parsed("--steps", "1").recipe.warmup).toBe(1);
  });

  it("writes with a prompt, or without one", () => {
    expect(parsed("--generate")).toMatchObject({ write: { run: undefined }, writing: { prompt: "\n", length: 500 } });
    const argv = ["--prompt", "Call me", "--run", "r", "--length", "9", "--temperature", "0", "--top-k", "3"];
    expect(parsed(...argv)).toMatchObject({
      write: { run: "r" },
      writing: { prompt: "Call me", length: 9, temperature: 0, topK: 3 },
    });
  });

  it.each([["--help"], ["-h"], ["--steps", "3", "--help"]])("shows help for %s", (...argv) => {
    expect(parseOptions(argv)).toBe("help");
  });

  it.each([
    [["--steps", "0"], '--steps must be an integer from 1 to 10000000, got "0"'],
    [["--steps", "5", "--warmup", "6"], '--warmup must be an integer from 1 to 5, got "6"'],
    [["--width", "100", "--heads", "3"], "--heads must divide --width into an even number, got 3 and 100"],
    [["--width", "12", "--heads", "4"], "--heads must divide --width into an even number, got 4 and 12"],
    [["--width", "12", "--heads", "5", "--position", "learned"], "--heads must divide --width, got 5 and 12"],
    [["--position", "relative"], '--position must be learned or rotary, got "relative"'],
    [["--dataset", "hamlet"], '--dataset must be moby-dick or moby-dick-excerpt, got "hamlet"'],
    [["--lr", "0"], '--lr must be a positive number, got "0"'],
    [["--prompt", ""], "--prompt must not be empty"],
    [["--generate", "--temperature=-1"], '--temperature must be a positive number, got "-1"'],
    [["--generate", "--steps", "3"], "--steps is for training"],
    [["--prompt", "a", "--resume", "r"], "--resume is for training"],
    [["--top-k", "3"], "--top-k is for writing"],
    [["--run", "r"], "--run is for writing"],
    [["--resume", "r", "--width", "4"], "--resume goes on with the run as it was begun: leave out --width"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

describe("checkRecipe", () => {
  const { recipe } = parsed();

  it("takes a recipe, and nothing that lies beside it", () => {
    expect(checkRecipe({ ...recipe, characters: "abc" })).toEqual(recipe);
  });

  it.each([
    ["job", "it is of another program"],
    ["steps", 'there is no number "steps"'],
    ["dataset", 'there is no "dataset"'],
    ["position", 'there is no "position"'],
  ])("misses %s", (name, message) => {
    expect(() => checkRecipe({ ...recipe, [name]: undefined })).toThrow(message);
  });
});
