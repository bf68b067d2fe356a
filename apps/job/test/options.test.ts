import { describe, expect, it } from "vitest";
import { commonFlags, commonOptions, readFlags, UsageError } from "../src/options.ts";

const parsed = (...argv: string[]) =>
  commonOptions(readFlags(argv, { ...commonFlags, lr: { type: "string" } }), ["lr"]);

describe("commonOptions", () => {
  it("has defaults for everything, and reads every option", () => {
    const nothing = { threads: undefined, data: undefined, out: undefined, resume: undefined };
    expect(parsed()).toEqual({ seed: 0, device: "cpu", ...nothing });
    expect(parsed(..."--seed 7 --device webgpu --threads 2 --data d --out o".split(" "))).toEqual({
      ...{ seed: 7, device: "webgpu", threads: 2, data: "d", out: "o", resume: undefined },
    });
    expect(parsed("--resume", "r", "--device", "webgpu", "--data", "d")).toMatchObject({ resume: "r", data: "d" });
  });

  it.each([
    [["--resume", "run", "--lr", "1"], "--resume goes on with the run as it was begun: leave out --lr"],
    [["--resume", "run", "--seed", "1"], "--resume goes on with the run as it was begun: leave out --seed"],
    [["--resume", "run", "--out", "o"], "--resume goes on with the run as it was begun: leave out --out"],
    [["--resume", ""], "--resume must not be empty"],
    [["--data="], "--data must not be empty"],
  ])("refuses %j", (argv, message) => {
    expect(() => parsed(...argv)).toThrow(UsageError);
    expect(() => parsed(...argv)).toThrow(message);
  });
});
