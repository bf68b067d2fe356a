// Each layer and criterion of flambeau/torch7 with what it takes: for the laws that hold of all of them.
import { losses, manualSeed, nn, ones, randn, type Tensor, tensor } from "flambeau";
import * as t7 from "flambeau/torch7";

export interface Case {
  readonly name: string;
  readonly make: () => nn.Module;
  /** The inputs, float64, away from kinks; integers and masks are no leaves. */
  readonly inputs: () => readonly Argument[];
}
export type Argument = Tensor | number | readonly Argument[];

const of = (name: string, make: () => nn.Module, ...inputs: (() => Argument)[]): Case => ({
  name,
  make: () => {
    manualSeed(7);
    return make().double();
  },
  inputs: () => {
    manualSeed(11);
    return inputs.map((each) => each());
  },
});
/** Normal numbers that stay away from 0 and 1, where some layers have kinks. */
const x =
  (...shape: number[]) =>
  (): Tensor => {
    const drawn = randn(shape, { dtype: "float64" });
    const far = (v: Tensor, from: number) => v.sub(from).abs().lt(0.01).to("float64").mul(0.05);
    return drawn.add(far(drawn, 0)).add(far(drawn, 1)).add(far(drawn, -1)).detach();
  };
const positive =
  (...shape: number[]) =>
  (): Tensor =>
    x(...shape)()
      .abs()
      .add(0.2)
      .detach();
const list =
  (...each: (() => Argument)[]) =>
  (): Argument =>
    each.map((make) => make());
const ints =
  (...values: number[]) =>
  (): Tensor =>
    tensor(values, { dtype: "int32" });

export const cases: readonly Case[] = [
  of("ConcatTable", () => new t7.ConcatTable(new nn.Linear(4, 2), new nn.Tanh()), x(3, 4)),
  of("ParallelTable", () => new t7.ParallelTable(new nn.Linear(4, 2), new nn.Linear(3, 2)), list(x(4), x(3))),
  of("MapTable", () => new t7.MapTable(new nn.Linear(4, 2)), list(x(4), x(4))),
  of("Concat", () => new t7.Concat(1, new nn.Linear(4, 2), new nn.Linear(4, 3)), x(2, 4)),
  of("DepthConcat", () => new t7.DepthConcat(1, new nn.Conv2d(2, 1, 1), new nn.Conv2d(2, 2, 2)), x(1, 2, 3, 4)),
  of("Parallel", () => new t7.Parallel(1, 1, new nn.Linear(4, 2), new nn.Linear(4, 3)), x(3, 2, 4)),
  of("Bottle", () => new t7.Bottle(new nn.Linear(4, 2)), x(2, 3, 4)),
  of("Decorator", () => new t7.Decorator(new nn.Linear(4, 2)), x(3, 4)),
  of("Sequential", () => new t7.Sequential(new nn.Linear(4, 2), new nn.Sigmoid()), x(3, 4)),
  of("JoinTable", () => new t7.JoinTable(0, 1), list(x(2, 3), x(2, 2))),
  of("SplitTable", () => new t7.SplitTable(0, 1), x(2, 3)),
  of("SelectTable", () => new t7.SelectTable(-1), list(x(2), x(3))),
  of("NarrowTable", () => new t7.NarrowTable(1, 2), list(x(2), x(3), x(1))),
  of("FlattenTable", () => new t7.FlattenTable(), list(x(2), list(x(3), list(x(1))))),
  of("ZipTable", () => new t7.ZipTable(), list(list(x(2), x(1)), list(x(3), x(2)))),
  of("ZipTableOneToMany", () => new t7.ZipTableOneToMany(), list(x(2), list(x(1), x(3)))),
  of("CAddTable", () => new t7.CAddTable(), list(x(2, 3), x(2, 3), x(2, 3))),
  of("CSubTable", () => new t7.CSubTable(), list(x(2, 3), x(2, 3))),
  of("CMulTable", () => new t7.CMulTable(), list(x(2, 3), x(2, 3), x(2, 3))),
  of("CDivTable", () => new t7.CDivTable(), list(x(2, 3), positive(2, 3))),
  of("CMaxTable", () => new t7.CMaxTable(), list(x(2, 3), x(2, 3), x(2, 3))),
  of("CMinTable", () => new t7.CMinTable(), list(x(2, 3), x(2, 3), x(2, 3))),
  of("CAddTensorTable", () => new t7.CAddTensorTable(), list(x(3), list(x(3), x(3)))),
  of("PairwiseDistance", () => new t7.PairwiseDistance(3), list(x(2, 4), x(2, 4))),
  of("DotProduct", () => new t7.DotProduct(), list(x(2, 4), x(2, 4))),
  of("CosineDistance", () => new t7.CosineDistance(), list(x(2, 4), x(2, 4))),
  of("MM", () => new t7.MM(true, true), list(x(2, 3, 2), x(2, 4, 3))),
  of("MV", () => new t7.MV(true), list(x(2, 3, 2), x(2, 3))),
  of("MixtureTable", () => new t7.MixtureTable(), list(x(2, 3), list(x(2, 4), x(2, 4), x(2, 4)))),
  of("MixtureTable of a tensor", () => new t7.MixtureTable(), list(x(2, 3), x(2, 3, 4))),
  of("Add", () => new t7.Add(3), x(2, 3)),
  of("Add of a number", () => new t7.Add(3, { scalar: true }), x(2, 3)),
  of("CAdd", () => new t7.CAdd(3, 1), x(3, 2)),
  of("Mul", () => new t7.Mul(), x(2, 3)),
  of("CMul", () => new t7.CMul(1, 3, 1), x(2, 3, 2)),
  of("Max", () => new t7.Max(1), x(2, 3)),
  of("Min", () => new t7.Min(0, 1), x(2, 3)),
  of("Mean", () => new t7.Mean(0), x(3)),
  of("Sum", () => new t7.Sum(-1, undefined, { sizeAverage: true, squeeze: false }), x(2, 3)),
  of("Euclidean", () => new t7.Euclidean(3, 2), x(2, 3)),
  of("WeightedEuclidean", () => new t7.WeightedEuclidean(3, 2), x(2, 3)),
  of("Cosine", () => new t7.Cosine(3, 2), x(2, 3)),
  of("PartialLinear", () => new t7.PartialLinear(3, 4).setPartition([2, 0]), x(2, 3)),
  of("LinearWeightNorm", () => new t7.LinearWeightNorm(3, 4), x(2, 3)),
  of("Maxout", () => new t7.Maxout(3, 2, 3), x(2, 3)),
  of("CReLU", () => new t7.CReLU(2), x(2, 3, 2)),
  of("Normalize", () => new t7.Normalize(3), x(2, 3)),
  of("Normalize by the largest", () => new t7.Normalize(Number.POSITIVE_INFINITY), x(2, 3)),
  of("WhiteNoise", () => new t7.WhiteNoise(0.3, 0.1).eval(), x(2, 3)),
  of("AddConstant", () => new t7.AddConstant(tensor([1, 2, 3])), x(2, 3)),
  of("MulConstant", () => new t7.MulConstant(-2), x(2, 3)),
  of("Power", () => new t7.Power(1.5), positive(2, 3)),
  of("Abs", () => new t7.Abs(), x(2, 3)),
  of("Exp", () => new t7.Exp(), x(2, 3)),
  of("Log", () => new t7.Log(), positive(2, 3)),
  of("Square", () => new t7.Square(), x(2, 3)),
  of("Sqrt", () => new t7.Sqrt(), positive(2, 3)),
  of("Clamp", () => new t7.Clamp(-0.5, 0.5), x(2, 3)),
  of("Narrow", () => new t7.Narrow(1, 1, -1), x(2, 3)),
  of("Replicate", () => new t7.Replicate(3, 0, 1), x(2, 3)),
  of("Reshape", () => new t7.Reshape(2, 3), x(4, 6)),
  of("View", () => new t7.View(-1).setNumInputDims(2), x(2, 3, 2)),
  of("Collapse", () => new t7.Collapse(2), x(2, 3, 2)),
  of("Contiguous", () => new t7.Contiguous(), x(2, 3)),
  of("Select", () => new t7.Select(1, -1), x(2, 3)),
  of("MaskedSelect", () => new t7.MaskedSelect(), list(x(3), ints(1, 0, 1))),
  of("Index", () => new t7.Index(0), list(x(3, 2), ints(2, 0, 2))),
  of("Squeeze", () => new t7.Squeeze(0, 2), x(2, 1, 3)),
  of("Unsqueeze", () => new t7.Unsqueeze(1, 1), x(2, 3)),
  of("Transpose", () => new t7.Transpose([0, 1]).setNumInputDims(2), x(2, 3, 4)),
  of("Padding", () => new t7.Padding(0, -2, 1, 0.5, 1), x(2, 3)),
  of("Copy", () => new t7.Copy("float64"), x(2, 3)),
  of("Convert", () => new t7.Convert("chw", "f", { dtype: "float64" }), x(2, 2, 3, 1)),
  of("TemporalRowConvolution", () => new t7.TemporalRowConvolution(3, 2, 2), x(2, 5, 3)),
  of("TemporalSubSampling", () => new t7.TemporalSubSampling(3, 2, 2), x(5, 3)),
  of("TemporalDynamicKMaxPooling", () => new t7.TemporalDynamicKMaxPooling(2, 0.5), x(2, 5, 3)),
  of(
    "SpatialConvolutionMap",
    () =>
      new t7.SpatialConvolutionMap(
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [2, 1],
        ],
        2,
        3,
        2,
      ),
    x(2, 3, 4, 5),
  ),
  of(
    "SpatialFullConvolutionMap",
    () =>
      new t7.SpatialFullConvolutionMap(
        [
          [0, 1],
          [1, 0],
          [1, 1],
        ],
        3,
        2,
        2,
      ),
    x(2, 3, 3),
  ),
  of(
    "SpatialConvolutionLocal",
    () => new t7.SpatialConvolutionLocal(2, 2, 4, 3, 2, 3, 2, 1, { padW: 1 }),
    x(2, 2, 3, 4),
  ),
  of("SpatialSubSampling", () => new t7.SpatialSubSampling(2, 3, 2, 2, 1), x(2, 2, 4, 5)),
  of("SpatialSubtractiveNormalization", () => new t7.SpatialSubtractiveNormalization(2, ones([3, 5])), x(2, 2, 4, 5)),
  of(
    "SpatialSubtractiveNormalization by lines",
    () => new t7.SpatialSubtractiveNormalization(2, tensor([1, 2, 1])),
    x(2, 4, 5),
  ),
  of("SpatialDivisiveNormalization", () => new t7.SpatialDivisiveNormalization(2, ones([3, 3])), x(2, 2, 4, 5)),
  of("SpatialContrastiveNormalization", () => new t7.SpatialContrastiveNormalization(2, ones([3])), x(2, 4, 5)),
  of("FeatureLPPooling", () => new t7.FeatureLPPooling(2, 1, 3, { batchMode: true }), positive(2, 4, 3)),
  of(
    "MarginCriterion",
    () => new t7.MarginCriterion(0.5),
    x(4),
    () => tensor([1, -1, 1, -1]),
  ),
  of(
    "L1HingeEmbeddingCriterion",
    () => new t7.L1HingeEmbeddingCriterion(20),
    list(x(4), x(4)),
    () => -1,
  ),
  of("DistanceRatioCriterion", () => new t7.DistanceRatioCriterion(), list(x(4), x(4))),
  of("L1Cost", () => new t7.L1Cost(), x(2, 3)),
  of("ClassSimplexCriterion", () => new t7.ClassSimplexCriterion(3), x(2, 3), ints(2, 0)),
  of("SpatialAutoCropMSECriterion", () => new t7.SpatialAutoCropMSECriterion(), x(2, 2, 3), x(2, 5, 4)),
  of("WeightedMSECriterion", () => new t7.WeightedMSECriterion(tensor([1, 2, 3])), x(2, 3), x(2, 3)),
  of(
    "MultiCriterion",
    () => new t7.MultiCriterion().add(new losses.MSELoss(), 0.5).add(new t7.MarginCriterion()),
    x(3),
    x(3),
  ),
  of(
    "ParallelCriterion",
    () => new t7.ParallelCriterion().add(new losses.MSELoss(), 0.5).add(new t7.L1Cost()),
    list(x(3), x(2)),
    list(x(3), x(2)),
  ),
  of("CriterionTable", () => new t7.CriterionTable(new losses.MSELoss()), list(x(3), x(3))),
  of(
    "ModuleCriterion",
    () => new t7.ModuleCriterion(new losses.MSELoss(), new nn.Linear(3, 2), null),
    x(2, 3),
    x(2, 2),
  ),
  of(
    "GModule",
    () => {
      const [a, b] = [t7.node(new nn.Linear(3, 2)), t7.node(new nn.Identity())];
      const both = t7.node(new t7.CAddTable(), [a.through(new nn.Tanh()), b]);
      return t7.gModule([a, b], [both.through(new nn.Sigmoid()), both.through(new t7.Square())]);
    },
    list(x(3), x(2)),
  ),
];
