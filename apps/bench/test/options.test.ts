import { expect, test } from "vitest";
import { parse } from "../src/options.ts";
import { commandOf } from "../src/rivals.ts";
import { select, workloads } from "../src/workloads.ts";

test("options", () => {
  const options = parse([
    "--filter",
    "mlp,cnn",
    "--threads",
    "2,1,2",
    "--rounds",
    "3",
    "--python",
    "/py",
    "--json",
    "o.json",
  ]);
  expect(options).toMatchObject({
    filter: "mlp,cnn",
    threads: [2, 1],
    rounds: 3,
    python: "/py",
    json: "o.json",
    markdown: false,
  });
  expect(parse([]).rivals).toEqual(["flambeau", "torch", "tfjs", "jax-js"]);
  expect(parse(["--webgpu", "--check"])).toMatchObject({ webgpu: true, check: true, markdown: false });
  expect(parse(["--rivals", "tfjs"]).rivals).toEqual(["flambeau", "tfjs"]);
});
test("options that make no sense are refused", () => {
  expect(() => parse(["--threads", "0"])).toThrow('--threads: expected whole numbers from 1, got "0"');
  expect(() => parse(["--rounds", "many"])).toThrow('--rounds: expected whole numbers from 1, got "many"');
  expect(() => parse(["--rivals", "mxnet"])).toThrow('--rivals: unknown rival "mxnet"');
  expect(() => parse(["--check"])).toThrow(
    "--check: only the tables of WebGPU, compile, generate, loader and scaling have bounds",
  );
  expect(() => parse(["--frobnicate"])).toThrow("--frobnicate");
});
test("functions with and without compile", () => {
  expect(parse(["--compile", "--check", "--filter", "lstm"])).toMatchObject({ compile: true, check: true });
  expect(parse(["--compile", "--webgpu"])).toMatchObject({ compile: true, webgpu: true });
  expect(() => parse(["--compile", "--markdown"])).toThrow(
    "--compile: compares Flambeau with itself and does not go with --markdown",
  );
});
test("data loading with and without workers", () => {
  expect(parse(["--loader", "--check", "--rounds", "3"])).toMatchObject({ loader: true, check: true, rounds: 3 });
  for (const other of ["--compile", "--webgpu", "--filter=mlp"])
    expect(() => parse(["--loader", other])).toThrow(
      `--loader: compares Flambeau with itself and does not go with ${other.split("=")[0]}`,
    );
});
test("a comparison with another commit", () => {
  expect(parse(["--against", "HEAD~2", "--rows", "mlp", "--filter", "add,sum", "--pairs", "20"])).toMatchObject({
    against: "HEAD~2",
    filter: "add,sum,mlp",
    pairs: 20,
  });
  expect(parse(["--against", "main"])).toMatchObject({ pairs: 15, filter: "" });
  expect(parse([])).not.toHaveProperty("against");
});
test("a comparison is of no rivals and no WebGPU", () => {
  expect(() => parse(["--pairs", "3"])).toThrow("--pairs: only a comparison takes turns in pairs, add --against REF");
  expect(() => parse(["--against", "main", "--pairs", "0"])).toThrow('--pairs: expected whole numbers from 1, got "0"');
  expect(() => parse(["--against", ""])).toThrow("--against: expected a revision of git");
  expect(() => parse(["--against"])).toThrow("--against");
  for (const other of [["--webgpu"], ["--markdown"], ["--check"], ["--rounds", "3"], ["--rivals", "tfjs"]]) {
    expect(() => parse(["--against", "main", ...other])).toThrow(`does not go with ${other[0]}`);
  }
});
test("a filter is words of names", () => {
  expect(select("gpt,lstm").map(({ name }) => name)).toEqual(["gpt_d64_ms", "gpt_d128_ms", "lstm_ms"]);
  expect(select("")).toEqual(workloads);
  expect(select("nothing")).toEqual([]);
});
test("a workload that only we have points to one that all have", () => {
  const names = new Set(workloads.map(({ name }) => name));
  expect(names.size).toBe(workloads.length);
  for (const { name, unit, against } of workloads) {
    expect(name.endsWith(`_${unit}`)).toBe(true);
    if (against) expect(names).toContain(against);
  }
});
test("a Python without torch is named with the reason", async () => {
  const refused = await commandOf("torch", 1, "/no/such/python");
  expect(refused).toEqual({ unavailable: expect.stringContaining("/no/such/python cannot import torch: ") });
});
