import { Generator, memory as held, manualSeed, noGrad, tensor, tidy } from "flambeau";
import { describe, expect, it } from "vitest";
import { kindToken, letterTokens, outputs, shown, spelled, tokens } from "../src/model/alphabet.ts";
import { batchOf, countOf, nameSets } from "../src/model/names.ts";
import { NameNetwork } from "../src/model/network.ts";
import { sampleNames } from "../src/model/sampling.ts";

describe("the alphabet", () => {
  it("has the end, 27 letters and two kinds, which only begin", () => {
    expect([outputs, tokens, kindToken("female"), kindToken("male")]).toEqual([28, 30, 28, 29]);
    expect(letterTokens("-az")).toEqual([1, 2, 27]);
    expect(letterTokens("é")).toBeUndefined();
    expect(letterTokens("A")).toBeUndefined();
  });

  it.each(["Mary", "Ann-Marie", "Jo"])("writes %s as it was read", (name) => {
    expect(shown(spelled(name))).toBe(name);
  });
});

describe("nameSets", () => {
  const letters = Array.from("abcdefghij");
  const female = letters.flatMap((a) => letters.map((b) => `A${a}${b}`));
  const male = letters.flatMap((a) => letters.map((b) => `${a === "a" ? "A" : "B"}${a}${b}`));
  const { train, validation, origins } = nameSets({ female, male });

  it("holds out a tenth of the spellings, with both kinds", () => {
    expect(train.length + validation.length).toBe(200);
    const spellings = (sequences: readonly (readonly number[])[]) => new Set(sequences.map((s) => s.slice(1).join()));
    const [left, right] = [spellings(train), spellings(validation)];
    expect(right.size).toBe(19); // of 190
    for (const spelling of right) expect(left.has(spelling)).toBe(false);
  });

  it("tells where a name comes from", () => {
    const found = female.map((name) => origins.of(spelled(name)));
    expect(new Set(found)).toEqual(new Set(["trained on", "held out"]));
    expect(origins.of("aaaa")).toBe("new");
  });

  it("refuses what it has no letters for", () => {
    expect(() => nameSets({ female: ["Zoë"], male: [] })).toThrow('the name "zoë" has other characters');
  });
});

describe("batchOf", () => {
  it("pads what is shorter, and counts what follows each token", () => {
    const sequences = [
      [28, 1, 2, 0],
      [29, 3, 0],
    ];
    const [inputs, targets] = batchOf(sequences);
    expect(inputs.tolist()).toEqual([
      [28, 1, 2],
      [29, 3, 0],
    ]);
    expect(targets.tolist()).toEqual([
      [1, 2, 0],
      [3, 0, -100],
    ]);
    expect(countOf(sequences)).toBe(5);
  });
});

describe.each(["gru", "lstm"] as const)("a network of %s", (cell) => {
  const make = (): NameNetwork => {
    manualSeed(1);
    const network = new NameNetwork(cell, 8).eval();
    // far from even, so that a wrong draw shows
    noGrad(() => network.head.weight.mul_(8));
    return network;
  };

  it("reads a name in a padded batch as it reads it alone, and in two parts as in one", () => {
    const network = make();
    const [inputs] = batchOf([
      [28, 1, 2, 5, 6, 0],
      [29, 3, 0],
    ]);
    const logits = network.forward(inputs);
    const alone = network.forward(tensor([[29, 3]], { dtype: "int32" }));
    const close = (a: unknown, b: unknown) => expect(a).toEqual((b as number[]).map((v) => expect.closeTo(v, 5)));
    close(logits.at(1, 1).tolist(), alone.at(0, 1).tolist());
    const [, memory] = network.read(inputs.narrow(1, 0, 2), null);
    const [rest] = network.read(inputs.narrow(1, 2, 3), memory);
    close(rest.at(0, 2).tolist(), logits.at(0, 4).tolist());
  });

  it("draws letters as often as it finds them likely", async () => {
    const network = make();
    const count = 4000;
    const temperature = 0.7;
    const written: string[] = [];
    await sampleNames(network, {
      kinds: Array.from({ length: count }, () => "male" as const),
      prefix: "jo",
      temperature,
      generator: new Generator(3),
      onLetter: (spellings) => {
        written.push(...spellings);
        return false;
      },
    });
    expect(written).toHaveLength(count);
    const exact = tidy(() => {
      const logits = network.forward(tensor([[29, ...(letterTokens("jo") ?? [])]], { dtype: "int32" }));
      return logits.at(0, -1).div(temperature).softmax(0).tolist();
    }) as number[];
    // Pearson's statistic over tokens that come often enough; its 99.99 % quantile for 27 degrees of freedom is 63
    const counts = new Array<number>(outputs).fill(0);
    for (const name of written) counts[name.length === 2 ? 0 : (letterTokens(name[2]) ?? [])[0]]++;
    const statistic = exact.reduce(
      (sum, p, i) => (count * p < 5 ? sum : sum + (counts[i] - count * p) ** 2 / (count * p)),
      0,
    );
    expect(Math.max(...exact)).toBeGreaterThan(2 / outputs);
    expect(statistic).toBeLessThan(63);
  });

  it("makes up the same names for a seed, of the asked beginning, and leaves nothing behind", async () => {
    const network = make().train();
    const ask = (seed: number) =>
      sampleNames(network, {
        kinds: ["female", "male", "female", "male"],
        prefix: "ma",
        temperature: 1,
        generator: new Generator(seed),
      });
    const first = await ask(5);
    const before = held().cpu.tensors;
    expect(await ask(5)).toEqual(first);
    expect(held().cpu.tensors).toBe(before);
    expect(await ask(6)).not.toEqual(first);
    for (const name of first) expect(name).toMatch(/^ma[-a-z]{0,18}$/);
    expect(network.training).toBe(true);
    const free = await sampleNames(network, {
      kinds: Array.from({ length: 300 }, () => "male" as const),
      temperature: 3,
      generator: new Generator(0),
    });
    expect(Math.min(...free.map(({ length }) => length))).toBeGreaterThan(0);
  });
});
