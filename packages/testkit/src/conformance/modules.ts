import { defaultGenerator, type Tensor, tidy } from "@flambeau/tensor";
import { Call, camelCase, type Functions, run, Unmapped } from "./call.ts";
import { difference } from "./compare.ts";
import { type Argument, Decoder, hasTwins } from "./decode.ts";
import { dtypeDifference } from "./dtypes.ts";
import { cannotReplay, type Encoded, type EncodedTensor } from "./encoded.ts";
import { moduleRows } from "./map/modules.ts";
import { compareGrads, compareValue, reasonOf } from "./ops.ts";
import { failed, type Outcome, passed, skipped, unmapped } from "./outcome.ts";
import { toleranceOf } from "./tolerance.ts";

export interface ModuleCase {
  readonly desc: string;
  readonly training: boolean;
  readonly ctor: readonly [readonly Encoded[], { readonly [name: string]: Encoded }];
  readonly inputs: readonly [readonly Encoded[], { readonly [name: string]: Encoded }];
  readonly state_dict: { readonly [name: string]: EncodedTensor };
  readonly state_dict_after: { readonly [name: string]: EncodedTensor };
  /** Names of the parameters, in the order of their gradients (behind those of the inputs). */
  readonly params: readonly string[];
  readonly out: Encoded;
  readonly ct?: readonly EncodedTensor[];
  readonly grads?: readonly (EncodedTensor | null)[];
}
export interface ModuleFile {
  readonly module: string;
  readonly cases: readonly ModuleCase[];
}

/** What a module of ours must have to be replayed. */
interface OurModule {
  forward(...inputs: unknown[]): unknown;
  train(mode: boolean): unknown;
  to(dtype: string): unknown;
  stateDict(): ReadonlyMap<string, Tensor>;
  loadStateDict(state: ReadonlyMap<string, Tensor>): unknown;
  namedParameters(): Iterable<readonly [string, Tensor]>;
}

/** Losses are plain classes: their weights are options, not state. */
type OurLoss = Pick<OurModule, "forward">;
function stateless(loss: OurLoss, c: ModuleCase): OurModule {
  const decoder = new Decoder("cpu");
  const options = new Map(Object.entries(c.state_dict).map(([k, t]) => [k, decoder.tensor(t)]));
  return {
    forward: (...inputs) => loss.forward(...inputs),
    train: () => {},
    to: () => {},
    stateDict: () => options,
    loadStateDict: () => {},
    namedParameters: () => [],
  };
}

/**
 * Replays the cases of one module: the initial state that PyTorch draws with seed 0 (where the recorded state is `fresh`), the result, the
 * gradients of inputs and parameters, the buffers afterwards.
 */
export function runModules(file: ModuleFile, device: string, classes: Functions, fresh = true): Outcome[] {
  return file.cases.map((recorded) => {
    const c = withoutUnused(file.module, recorded);
    const reason = cannotReplay(c);
    if (reason !== null) return skipped(reason);
    try {
      const problem = tidy(() => replay(file.module, c, device, classes, fresh, false));
      if (problem === null) return passed;
      const twins = hasTwins(c.inputs) && tidy(() => replay(file.module, c, device, classes, fresh, true)) === null;
      return twins ? passed : failed(`${c.desc || "default"}, ${c.training ? "training" : "evaluation"}: ${problem}`);
    } catch (error) {
      return error instanceof Unmapped ? unmapped(error.message) : failed(reasonOf(error));
    }
  });
}

/** A case without arguments that change no figure: they need no recorded form. */
function withoutUnused(name: string, c: ModuleCase): ModuleCase {
  const unused = Object.hasOwn(moduleRows, name) ? (moduleRows[name].unused ?? []) : [];
  if (unused.length === 0) return c;
  const [args, kwargs] = c.ctor;
  return { ...c, ctor: [args, Object.fromEntries(Object.entries(kwargs).filter(([k]) => !unused.includes(k)))] };
}

function replay(
  name: string,
  c: ModuleCase,
  device: string,
  classes: Functions,
  fresh: boolean,
  shared: boolean,
): string | null {
  const row = Object.hasOwn(moduleRows, name) ? moduleRows[name] : undefined;
  if (row === undefined) throw new Unmapped(`no row for ${name}`);
  const tolerance = (dtype: string) => toleranceOf(name, dtype);
  const call = ([args, kwargs]: ModuleCase["ctor"], decoder: Decoder): Call => {
    const named = Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [k, decoder.value(v)]));
    return new Call(
      name,
      args.map((a) => decoder.value(a)),
      named,
      device,
      classes,
    );
  };

  defaultGenerator.manualSeed(0); // as when the fixtures were made
  const made = run(row.make, call(c.ctor, new Decoder(device)), true) as OurModule | OurLoss; // a class of modules or losses
  const module = "stateDict" in made ? made : stateless(made, c);
  const dtype = Object.values(c.state_dict).find((t) => t.$t.startsWith("float") && t.$t !== "float32")?.$t;
  if (dtype !== undefined) module.to(dtype);
  module.train(c.training);
  const initial = row.lazy || !fresh ? null : compareState(module.stateDict(), c.state_dict, "initial ", tolerance);
  if (initial !== null) return initial;
  const decoder = new Decoder(device, shared);
  module.loadStateDict(
    new Map(
      Object.entries(c.state_dict).map(([k, t]) => [k, decoder.tensor({ ...t, rg: undefined } as EncodedTensor)]),
    ),
  );

  const inputs = call(c.inputs, decoder);
  const named = row.options ?? [];
  const bound = inputs.bind([...row.inputs, ...named]);
  const args: Argument[] = row.inputs.map((p) => bound[p]);
  while (args.length > 0 && (args.at(-1) ?? null) === null) args.pop();
  const options = named.filter((p) => (bound[p] ?? null) !== null).map((p) => [camelCase(p), bound[p]] as const);
  if (options.length > 0) args.push(Object.fromEntries(options));
  const parameters = new Map(module.namedParameters());
  const unknown = c.params.find((p) => !parameters.has(p));
  if (unknown !== undefined || parameters.size !== c.params.length)
    return `parameters are ${[...parameters.keys()]}, PyTorch's ${c.params}`;
  defaultGenerator.manualSeed(0);
  const results: Tensor[] = [];
  const problem = compareValue(module.forward(...args), c.out, "out", {
    results,
    tensor: (ours, theirs) =>
      dtypeDifference(name, results.length - 1, ours.dtype, theirs, c.inputs) ??
      difference(ours, theirs, tolerance(theirs.$t)),
  });
  if (problem !== null) return problem;
  if (c.ct && c.grads) {
    const leaves = [...decoder.leaves, ...c.params.map((p) => parameters.get(p) as Tensor)]; // checked above
    const within = (dtype: string) => toleranceOf(name, dtype, "gradient");
    const wrong = compareGrads(results, c.out, c.ct, c.grads, leaves, device, within);
    if (wrong !== null) return wrong;
  }
  const buffers = new Map([...module.stateDict()].filter(([k]) => !c.params.includes(k)));
  return compareState(buffers, c.state_dict_after, "afterwards ", tolerance);
}

function compareState(
  ours: ReadonlyMap<string, Tensor>,
  theirs: { readonly [name: string]: EncodedTensor },
  when: string,
  tolerance: (dtype: string) => { readonly rtol: number; readonly atol: number },
): string | null {
  if ([...ours.keys()].join() !== Object.keys(theirs).join())
    return `${when}state has ${[...ours.keys()]}, PyTorch's ${Object.keys(theirs)}`;
  for (const [key, t] of ours) {
    // counters have the default integer type: int32 here, int64 in PyTorch
    if (t.dtype !== theirs[key].$t && !(t.dtype === "int32" && theirs[key].$t === "int64"))
      return `${when}${key}: dtype ${t.dtype}, PyTorch's is ${theirs[key].$t}`;
    const problem = difference(t, theirs[key], tolerance(theirs[key].$t));
    if (problem !== null) return `${when}${key} ${problem}`;
  }
  return null;
}
