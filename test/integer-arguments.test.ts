// The testkit puts what is no integer into every integer argument of every function. Here: that none is missing from its calls.
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend } from "@flambeau/tensor";
import { beforeAll, expect, test } from "vitest";
import { calls } from "../packages/testkit/src/backend/integers/index.ts";
import { Maker } from "../packages/testkit/src/backend/integers/maker.ts";
import { argumentName, casesOf, placesOf } from "../packages/testkit/src/backend/integers/places.ts";
import { reviewed } from "../packages/testkit/src/backend/integers/reviewed.ts";
import { declaredNumbers } from "./support/declared-numbers.ts";

/** Numbers of which any goes, or that are checked as what they are (probabilities, orders of norms), by argument. */
const realNumbers: { readonly [argument: string]: string } = {
  a: "truncNormal_",
  alpha: `elu elu_ celu celu_ add add_ sub sub_ rsub subtract subtract_ indexAdd indexAdd_ localResponseNorm addmm addmv addr
    baddbmm addbmm`,
  atol: "isclose allclose matrixRank pinv",
  b: "truncNormal_",
  base: "logspace",
  beta: "softplus localResponseNorm addmm addmv addr baddbmm addbmm",
  correction: "variance var std varMean stdMean maskedVar maskedStd",
  data: "tensor",
  dropoutP: "scaledDotProductAttention multiHeadAttentionForward",
  dx: "trapezoid cumulativeTrapezoid",
  elements: "isin",
  end: "linspace logspace",
  eps: `pairwiseDistance cosineSimilarity normalize logit logit_ instanceNorm maskedNormalize layerNorm rmsNorm batchNorm
    groupNorm`,
  from: "uniform_",
  k: "localResponseNorm",
  lambd: "softshrink hardshrink",
  lambda: "exponential_",
  lower: "rrelu rrelu_",
  max: "clamp clamp_ clip clip_ histc",
  maxNorm: "embedding embeddingBag",
  maxVal: "hardtanh hardtanh_",
  maxnorm: "renorm",
  mean: "normal normal_ truncNormal_ logNormal_",
  median: "cauchy_",
  min: "clamp clamp_ clip clip_ histc",
  minVal: "hardtanh hardtanh_",
  momentum: "instanceNorm batchNorm",
  nan: "nanToNum nanToNum_",
  negativeSlope: "leakyRelu leakyRelu_",
  neginf: "nanToNum nanToNum_",
  normType: "embedding embeddingBag lpPool1d lpPool2d lpPool3d",
  ord: "vectorNorm matrixNorm maskedNorm maskedNormalize",
  p: `cdist pdist pairwiseDistance normalize norm renorm dist dropout dropout_ dropout1d dropout2d dropout3d alphaDropout
    featureAlphaDropout bernoulli bernoulli_ geometric_`,
  posinf: "nanToNum nanToNum_",
  q: "quantile nanquantile",
  range: "histogram histogramdd",
  rtol: "isclose allclose matrixRank pinv",
  scale: "scaledDotProductAttention",
  sigma: "cauchy_",
  source: "scatter scatter_",
  spacing: "gradient",
  start: "linspace logspace",
  std: "normal normal_ truncNormal_ logNormal_",
  tau: "gumbelSoftmax",
  testElements: "isin",
  threshold: "softplus threshold threshold_",
  to: "uniform_",
  upper: "rrelu rrelu_",
  value: `threshold threshold_ addcmul addcmul_ addcdiv addcdiv_ full fullLike scalarTensor fill fill_
    setAt_ constantPadNd pad`,
  values: "searchsorted",
  x: "bucketize",
};

/** What other packages build on: they get numbers that an op has checked, or that a tensor has. (fromNative needs a device's memory: it has a test of its own.) */
const below =
  `typedArray constant isConst input param compileProgram constantValue showProgram resultType broadcastShapes broadcastStrides sameShape
  contiguousStrides isContiguous collapse sizeOf showShape unbroadcast groundOf checkIndex registerBackend emptyOn.strides emptyOn.contract
  normalizeDim.rank normalizeDims.rank spatial.n spatial.least fillRandint drawCategories setPrintOptions checkInteger
  checkIntegers integersOf dtypeKey dispatch apply applyMany applyOne applyView applyInPlace applyWrites canFuse runFused runFusedInto emptyOn.maxElements emptyOn.placed registerKernel.placed
  fromNative.shape fromTransferable.shape filledLike tensorOn liftedHandle allocate observeMachine`.split(/\s+/);

const words = (text: string): string[] => text.split(/\s+/);
const declared = declaredNumbers();
/** The arguments that the testkit's calls of a function mark as integers. */
function marked(name: string): Set<string> {
  const given = calls[name] ?? [];
  const all = typeof given === "function" ? [given] : given;
  return new Set(
    all.flatMap((call) =>
      placesOf(call(new Maker("cpu"))).map(({ path }) => argumentName(path).replace(/[[_]\d.*$/, "")),
    ),
  );
}

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

test("every declared number is an integer in the testkit's calls, or listed here as none", () => {
  const missing: string[] = [];
  for (const [name, arguments_] of declared) {
    const integers = marked(name);
    for (const argument of arguments_) {
      const listed = below.includes(name) || below.includes(`${name}.${argument}`);
      const real = words(realNumbers[argument] ?? "").includes(name);
      if (!integers.has(argument) && !listed && !real) missing.push(`${name}: ${argument}`);
    }
  }
  expect(missing).toEqual([]);
});

test("the lists name nothing else", () => {
  for (const name of Object.keys(calls)) {
    expect([...declared.keys()], "a call of no public function").toContain(name);
    for (const argument of marked(name)) expect([...(declared.get(name) ?? [])], name).toContain(argument);
  }
  for (const [argument, names] of Object.entries(realNumbers))
    for (const name of words(names)) {
      expect([...(declared.get(name) ?? [])], name).toContain(argument);
      expect([...marked(name)], `${name}: an integer and a real number`).not.toContain(argument);
    }
  for (const entry of below) {
    const [name, argument] = entry.split(".");
    expect(declared.get(name)?.size ?? 0, entry).toBeGreaterThan(0);
    if (argument !== undefined) expect([...(declared.get(name) ?? [])], entry).toContain(argument);
  }
});

test("every reviewed meaning is of a case that is tried", () => {
  for (const { calls: names, arguments: given, values, why } of reviewed)
    for (const name of names) {
      const call = calls[name];
      const all = (typeof call === "function" ? [call] : call).flatMap((c) => casesOf(c(new Maker("cpu"))));
      for (const value of values)
        expect(
          all.some((c) => given.includes(c.argument) && Object.is(c.value, value)),
          `${name}: ${why}`,
        ).toBe(true);
    }
});
