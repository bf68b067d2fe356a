import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { expect, test } from "vitest";
import { multiHeadAttentionForward, registerBackend, type Tensor, tensor, zeros } from "../../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const [E, H, L, S, N] = [4, 2, 2, 3, 2];
/** sin(k (i + 1)), in float64. */
const wave = (k: number, ...shape: number[]): Tensor => {
  const size = shape.reduce((n, s) => n * s, 1);
  return tensor(
    Array.from({ length: size }, (_, i) => Math.sin(k * (i + 1))),
    { dtype: "float64" },
  ).reshape(shape);
};
const usual = () => ({
  inProjWeight: wave(0.7, 3 * E, E) as Tensor | null,
  inProjBias: wave(0.3, 3 * E) as Tensor | null,
  biasK: null as Tensor | null,
  biasV: null as Tensor | null,
  addZeroAttn: false,
  outProjBias: wave(0.5, E) as Tensor | null,
});

// PyTorch 2.13's figures, in float64
const cases: readonly {
  readonly name: string;
  readonly given: Partial<ReturnType<typeof usual>>;
  readonly options: Parameters<typeof multiHeadAttentionForward>[13];
  readonly y: readonly number[];
  readonly weights: readonly number[] | null;
}[] = [
  {
    name: "keys and values that stand in the place of projected ones",
    given: {},
    options: { staticK: wave(1.3, N * H, 5, 2), staticV: wave(1.7, N * H, 5, 2) },
    y: [
      0.5274527, 1.0793425, 0.5228413, 1.5227253, 0.7548476, 0.4711512, 1.3862478, 0.5823826, 0.252902, 1.2529977,
      0.4859383, 1.4152561, 0.2796439, 0.9175913, 1.0607536, 0.7197217,
    ],
    weights: [
      0.3423685, 0.057928, 0.3209337, 0.1445141, 0.1342557, 0.0889081, 0.0511103, 0.3954375, 0.0195879, 0.4449562,
      0.3067006, 0.0952278, 0.3232436, 0.1229908, 0.1518373, 0.3436112, 0.0373239, 0.3778693, 0.0720001, 0.1691955,
    ],
  },
  {
    name: "weights of its own for each",
    given: { inProjWeight: null },
    options: {
      useSeparateProjWeight: true,
      qProjWeight: wave(0.2, E, E),
      kProjWeight: wave(0.4, E, E),
      vProjWeight: wave(0.6, E, E),
    },
    y: [
      0.8378621, 0.1538415, 1.8723336, 0.0278892, 1.1546187, -0.0954908, 2.0027585, 0.0433021, 1.102324, -0.0531787,
      1.9791658, 0.043304, 1.2996347, -0.2053778, 2.0548267, 0.059804,
    ],
    weights: [
      0.2739224, 0.4784579, 0.2476196, 0.2853181, 0.3667967, 0.3478852, 0.2921156, 0.4080481, 0.2998363, 0.2466473,
      0.4113589, 0.3419938,
    ],
  },
  {
    name: "a bias that is learned, zeros, and a mask of each head",
    given: { biasK: wave(0.8, 1, 1, E), biasV: wave(1.1, 1, 1, E), addZeroAttn: true },
    options: { attnMask: wave(2.2, N * H, L, S), averageAttnWeights: false },
    y: [
      1.1877696, -0.1298714, 2.0312697, 0.0265474, 1.1784096, -0.1223978, 2.0272258, 0.0263267, 1.3816342, -0.3044357,
      2.1504892, -0.0127105, 1.1428121, -0.0933966, 2.0108091, 0.026769,
    ],
    weights: [
      0.4119393, 0.0323708, 0.4015562, 0.1023932, 0.0517405, 0.2539717, 0.2350837, 0.1053393, 0.30042, 0.1051853,
      0.2925583, 0.1010319, 0.444878, 0.0952527, 0.0662792, 0.1754292, 0.3822106, 0.1950284, 0.0879589, 0.1593729,
      0.1434329, 0.0749094, 0.4912626, 0.1498411, 0.140554, 0.2428324, 0.0226376, 0.6207713, 0.0675515, 0.0462072,
      0.2059328, 0.0383899, 0.5711258, 0.1358716, 0.0486798, 0.1567562, 0.1448414, 0.5247389, 0.1220524, 0.0516111,
    ],
  },
  {
    name: "padding in floats, without weights",
    given: {},
    options: { keyPaddingMask: wave(0.1, N, S), needWeights: false },
    y: [
      1.1303589, -0.0696513, 1.9806748, 0.0570703, 1.0961655, -0.0213206, 1.9281863, 0.1028785, 1.1136917, -0.0323222,
      1.9303916, 0.1099248, 1.0811866, -0.0145811, 1.9310777, 0.0909532,
    ],
    weights: null,
  },
  {
    name: "no biases at all",
    given: { inProjBias: null, outProjBias: null, addZeroAttn: true },
    options: {
      keyPaddingMask: tensor([
        [false, true, false],
        [true, false, false],
      ]),
    },
    y: [
      -0.0007972, 0.0322779, -0.0570937, 0.0701207, -0.0579608, 0.0923115, -0.1076014, 0.1006735, 0.0108839, -0.003425,
      -0.0047412, 0.0119283, 0.0038957, 0.0002408, -0.0043276, 0.0075208,
    ],
    weights: [
      0.3122293, 0.0, 0.403368, 0.2844027, 0.3237808, 0.0, 0.1408544, 0.5353647, 0.0, 0.1703474, 0.5190219, 0.3106307,
      0.0, 0.1226882, 0.5841017, 0.29321,
    ],
  },
];
function attend(given: Partial<ReturnType<typeof usual>>, options: Parameters<typeof multiHeadAttentionForward>[13]) {
  const { inProjWeight, inProjBias, biasK, biasV, addZeroAttn, outProjBias } = { ...usual(), ...given };
  const [q, k, v] = [wave(1, L, N, E), wave(2, S, N, E), wave(3, S, N, E)];
  const project = [inProjWeight, inProjBias, biasK, biasV, addZeroAttn, 0, wave(0.9, E, E), outProjBias] as const;
  return multiHeadAttentionForward(q, k, v, E, H, ...project, options);
}
const near = (t: Tensor, expected: readonly number[]) => {
  const found = t.flatten().tolist() as number[]; // of one dimension
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 6);
};

test.each(cases)("$name", ({ given, options, y, weights }) => {
  const [output, found] = attend(given, options);
  near(output, y);
  if (weights === null) expect(found).toBe(null);
  else near(found as Tensor, weights);
});

test.each([
  [{ inProjWeight: null }, {}, "inProjWeight is null"],
  [{ inProjWeight: zeros([4, 4]) }, {}, "inProjWeight must be [12,4], got [4,4]"],
  [{}, { useSeparateProjWeight: true }, "useSeparateProjWeight needs qProjWeight, kProjWeight and vProjWeight"],
  [{ biasK: wave(1, 1, 1, E) }, {}, "biasK and biasV come together"],
  [
    { biasK: wave(1, E), biasV: wave(1, E) },
    { staticK: wave(1, 4, 3, 2) },
    "biasK and biasV cannot be added to staticK",
  ],
  [{}, { staticV: wave(1, 4, 5, 2) }, "staticK and staticV must be as long"],
  [{}, { staticK: wave(1, 4, 3, 4), staticV: wave(1, 4, 3, 2) }, "staticK must be [4, S, 2], got [4,3,4]"],
] as const)("refuses what does not go together: %#", (given, options, message) => {
  expect(() => attend(given, options)).toThrow(message);
});
