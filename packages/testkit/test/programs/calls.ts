// The ops of the programs, by the names that they are called there: "u.exp" is exp(x), "i.add" is x.add_(y). Most take their arguments as
// they stand; the others are below, with the function's name and how its arguments follow from the program's.

type Args = readonly unknown[];
type Arranged = readonly [name: string, arrange: (a: Args) => Args];
/** `(x, dim, keepdim)` and the like, as options behind the plain arguments. */
const named =
  (plain: number, ...names: string[]) =>
  (a: Args): Args => [...a.slice(0, plain), given(names.map((name, i) => [name, a[plain + i]]))];
/** Options that were given: null stands for those that were not. */
const given = (pairs: readonly (readonly [string, unknown])[]): object =>
  Object.fromEntries(pairs.filter(([, value]) => value !== null && value !== undefined));
const nth = (index: number) => (a: Args) => a.slice(0, index);

const reductions = "sum mean prod amax amin argmax argmin all any logsumexp nansum nanmean".split(" ");
const paired = ["median", "nanmedian", "mode"];
const alone = "sum mean prod max min median std argmax norm".split(" ");

const arranged: { readonly [op: string]: Arranged } = {
  "v.squeezeDim": ["squeeze", (a) => a],
  "v.chunk": ["chunk", nth(3)],
  "v.split": ["split", nth(3)],
  "v.unbind": ["unbind", nth(2)],
  ...Object.fromEntries([...reductions, ...paired].map((name) => [`r.${name}`, [name, named(2, "keepdim")]])),
  ...Object.fromEntries(alone.map((name) => [`r.${name}All`, [name, (a: Args) => a]])),
  "r.varAll": ["variance", (a) => a],
  "r.maxd": ["max", named(2, "keepdim")],
  "r.mind": ["min", named(2, "keepdim")],
  "r.aminmax": ["aminmax", named(1, "dim", "keepdim")],
  "r.var": ["variance", named(2, "correction", "keepdim")],
  "r.std": ["std", named(2, "correction", "keepdim")],
  "r.varMean": ["varMean", named(2, "correction", "keepdim")],
  "r.norm": ["norm", named(3, "keepdim")],
  "r.vectorNorm": ["vectorNorm", named(3, "keepdim")],
  "r.trapezoid": ["trapezoid", ([x, dim]) => [x, undefined, { dim }]],
  "r.cumulativeTrapezoid": ["cumulativeTrapezoid", ([x, dim]) => [x, undefined, { dim }]],
  "r.sort": ["sort", ([x, dim, descending]) => [x, dim, { descending, stable: true }]],
  "r.argsort": ["argsort", ([x, dim, descending]) => [x, dim, { descending, stable: true }]],
  "r.kthvalue": ["kthvalue", named(3, "keepdim")],
  "r.topk": ["topk", named(3, "largest")],
  "r.quantile": ["quantile", named(3, "keepdim", "interpolation")],
  "r.nanquantile": ["nanquantile", named(3, "keepdim", "interpolation")],
  "r.normalize": ["normalize", named(1, "p", "dim")],
  "r.uniqueV": ["unique", ([x]) => [x, { returnInverse: true, returnCounts: true }]],
  "x.takeAlongDim": ["takeAlongDim", ([x, dim, index]) => [x, index, dim]],
  "x.scatterV": ["scatter", (a) => a],
  "x.scatterReduce": ["scatterReduce", named(5, "includeSelf")],
  "x.indexAdd": ["indexAdd", named(4, "alpha")],
  "x.indexReduce": ["indexReduce", named(5, "includeSelf")],
  "x.put": ["put", named(3, "accumulate")],
  "x.atMask": ["at", (a) => a],
  "x.indexPut": ["indexPut", ([x, source, accumulate, ...indices]) => [x, indices, source, { accumulate }]],
  "x.addcmul": ["addcmul", named(3, "value")],
  "x.addcdiv": ["addcdiv", named(3, "value")],
  "m.cat": ["cat", ([dim, ...tensors]) => [tensors, dim]],
  "m.stack": ["stack", ([dim, ...tensors]) => [tensors, dim]],
  "m.repeatInterleave": ["repeatInterleave", ([x, times, dim]) => [x, times, dim ?? undefined]],
  "m.pad": ["pad", ([x, sizes, mode, value]) => [x, sizes, mode === "constant" ? { mode, value } : { mode }]],
  "m.addmm": ["addmm", named(3, "beta", "alpha")],
  "m.baddbmm": ["baddbmm", named(3, "beta", "alpha")],
  "m.pairwise": ["pairwiseDistance", (a) => a],
  "m.cosine": ["cosineSimilarity", ([x, y]) => [x, y, { dim: -1 }]],
  "m.batchNorm": ["batchNorm", ([x]) => [x, null, null, { training: true }]],
  "m.conv1d": [
    "conv1d",
    ([x, w, ...rest]) => named(3, "stride", "padding", "dilation", "groups")([x, w, null, ...rest]),
  ],
  "m.conv2d": [
    "conv2d",
    ([x, w, ...rest]) => named(3, "stride", "padding", "dilation", "groups")([x, w, null, ...rest]),
  ],
  "m.convT": [
    "convTranspose2d",
    ([x, w, ...rest]) => named(3, "stride", "padding", "outputPadding", "dilation", "groups")([x, w, null, ...rest]),
  ],
  "m.maxPool": ["maxPool2d", named(2, "stride", "padding", "dilation", "ceilMode")],
  "m.avgPool": ["avgPool2d", named(2, "stride", "padding", "ceilMode", "countIncludePad", "divisorOverride")],
  "m.lpPool": ["lpPool2d", named(3, "stride", "ceilMode")],
  "m.maxPool1d": ["maxPool1d", named(2, "stride", "padding", "ceilMode")],
  "m.adAvg": ["adaptiveAvgPool2d", (a) => a],
  "m.adMax": ["adaptiveMaxPool2d", (a) => a],
  "m.interp": ["interpolate", named(1, "size", "scaleFactor", "mode", "alignCorners", "antialias")],
  "m.divR": ["div", named(2, "roundingMode")],
  "m.broadcastMul": ["mul", (a) => a],
  "m.pixel": ["pixelShuffle", (a) => a],
  "m.vecdot": ["vecdot", named(2, "dim")],
  "m.searchsorted": ["searchsorted", named(2, "right")],
  "m.ce": ["crossEntropy", named(2, "weight", "labelSmoothing", "reduction")],
  "m.smoothl1": ["smoothL1", named(2, "reduction")],
  "m.huber": ["huber", named(2, "reduction")],
  "m.mse": ["mse", named(2, "reduction")],
  "m.l1": ["l1", named(2, "reduction")],
  "m.bcel": ["bceWithLogits", named(2, "reduction")],
  "m.kl": ["klDiv", named(2, "reduction")],
  "m.embed": ["embedding", named(2, "paddingIdx")],
  "i.zero": ["zero_", (a) => a],
  "i.addcmul": ["addcmul_", named(3, "value")],
};
/** Which of several results a step takes. */
const picks: { readonly [op: string]: (a: Args) => number } = {
  "v.chunk": (a) => a[3] as number,
  "v.split": (a) => a[3] as number,
  "v.unbind": (a) => a[2] as number,
};

type Functions = { readonly [name: string]: unknown };
function run(functions: Functions, name: string, args: Args): unknown {
  const f = functions[name];
  if (typeof f !== "function") throw new Error(`there is no ${name}`);
  return f(...args);
}

/** Runs a step's op; its results in PyTorch's order. */
export function callOp(functions: Functions, op: string, args: Args): readonly unknown[] {
  const f = (name: string, ...a: Args) => run(functions, name, a);
  if (op === "x.setAt") {
    const x = f("clone", args[0]);
    f("setAt_", x, ...args.slice(1));
    return [x];
  }
  if (op === "m.bmmT") return [f("bmm", args[0], f("mT", args[0]))];
  if (op === "m.nll")
    return [f("nll", f("logSoftmax", args[0], 1), args[1], named(0, "weight", "reduction")(args.slice(2))[0])];
  if (op === "m.to") return [f("to", ...args)];
  const own = op.slice(2) + (op.startsWith("i.") ? "_" : "");
  const [name, arrange] = arranged[op] ?? [own, (a: Args) => a];
  const out = f(name, ...arrange(args));
  if (picks[op]) return [(out as readonly unknown[])[picks[op](args) % (out as readonly unknown[]).length]];
  return isPair(out) ? Object.values(out) : Array.isArray(out) ? out : [out];
}
/** `{ values, indices }` and its like. */
const isPair = (out: unknown): out is object =>
  typeof out === "object" && out !== null && !Array.isArray(out) && !("shape" in out);
