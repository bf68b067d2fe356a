// The closed list of what a file may name. Nothing is looked up anywhere else, and nothing outside of this package is called.

import { storageClasses, torchDTypes } from "./dtypes.ts";
import { addItem, setEntry } from "./keys.ts";
import {
  Bag,
  Callable,
  Complex,
  Dict,
  kindOf,
  Label,
  List,
  quote,
  type Run,
  TensorRef,
  Tuple,
  type Value,
} from "./values.ts";
import { checkHooks, dtypeNamed, flag, lackingTensor, natural, windowOn } from "./windows.ts";

/** @throws FormatError for another number of arguments. */
function count(args: readonly Value[], least: number, most: number, name: string, run: Run): void {
  if (args.length < least || args.length > most)
    run.fail(`${name}() gets ${args.length} arguments, not ${least === most ? least : `${least} to ${most}`}`);
}

/** The bits that tensors carry beside what tells where they lie. */
function bits(value: Value | undefined, run: Run): { negative: boolean; conjugate: boolean } {
  const found = { negative: false, conjugate: false };
  if (value === undefined || value === null) return found;
  if (!(value instanceof Dict)) return run.fail("the metadata of a tensor is no dict");
  for (const [key, item] of value.entries.values()) {
    if (key === "neg") found.negative = flag(item, "the negative bit of a tensor", run);
    else if (key === "conj") found.conjugate = flag(item, "the conjugate bit of a tensor", run);
    else run.fail(`a tensor has the unknown metadata ${typeof key === "string" ? quote(key) : kindOf(key)}`);
  }
  return found;
}

/** A strided tensor: those with a dtype of their own have it before the metadata. */
function strided(args: readonly Value[], run: Run, dtype?: string): TensorRef {
  const requiresGrad = flag(args[4], "whether a tensor requires a gradient", run);
  checkHooks(args[5], run);
  const { negative, conjugate } = bits(args[dtype === undefined ? 6 : 7], run);
  const tensor = windowOn(args, { ...(dtype !== undefined && { dtype }), requiresGrad, negative }, run);
  const complex = tensor.fields.dtype.startsWith("complex");
  if (conjugate && !complex) run.fail(`a tensor of dtype ${tensor.fields.dtype} has the conjugate bit`);
  if (negative && !complex && !/^b?float(16|32|64)$/.test(tensor.fields.dtype))
    run.fail(`a tensor of dtype ${tensor.fields.dtype} has the negative bit`);
  return tensor;
}

function parameter([tensor, requiresGrad, hooks]: readonly Value[], run: Run): TensorRef {
  if (!(tensor instanceof TensorRef)) return run.fail(`a parameter is made of ${kindOf(tensor)}`);
  checkHooks(hooks, run);
  return new TensorRef({
    ...tensor.fields,
    requiresGrad: flag(requiresGrad, "whether a parameter requires a gradient", run),
  });
}

/** The last tensor and the first list of sizes of what a sparse tensor is made of. */
function sparse([layout, data]: readonly Value[], run: Run): TensorRef {
  if (!(layout instanceof Label && layout.kind === "layout" && data instanceof Tuple))
    return run.fail("a sparse tensor without its parts");
  const values = data.items.findLast((item) => item instanceof TensorRef);
  const dtype = values instanceof TensorRef ? values.fields.dtype : layout.name;
  const sizes = data.items.find((item) => item instanceof Tuple);
  return lackingTensor(`it is a sparse tensor (${layout.name})`, dtype, sizes, run);
}

type Call = Callable["call"];
/** A function that takes `least` to `most` arguments. */
const takes = (name: string, least: number, most: number, call: Call): readonly [string, Callable] => [
  name,
  new Callable(name.replace(" ", "."), (args, run) => {
    count(args, least, most, name.replace(" ", "."), run);
    return call(args, run);
  }),
];

const utils = "torch._utils";
/** Those that make tensors of what a storage holds. */
const rebuilds: readonly (readonly [string, Callable])[] = [
  takes(`${utils} _rebuild_tensor`, 4, 4, (args, run) => windowOn(args, {}, run)),
  takes(`${utils} _rebuild_tensor_v2`, 6, 7, (args, run) => strided(args, run)),
  takes(`${utils} _rebuild_tensor_v3`, 7, 8, (args, run) => strided(args, run, dtypeNamed(args[6], run))),
  takes(`${utils} _rebuild_parameter`, 3, 3, parameter),
  takes(`${utils} _rebuild_parameter_with_state`, 4, 4, parameter),
  takes(`${utils} _rebuild_sparse_tensor`, 2, 2, sparse),
  takes(`${utils} _rebuild_qtensor`, 7, 7, (args, run) => windowOn(args, { reason: "it is quantized" }, run)),
  takes(`${utils} _rebuild_meta_tensor_no_storage`, 4, 4, (args, run) =>
    lackingTensor("it is on the device meta and has no elements", dtypeNamed(args[0], run), args[1], run),
  ),
  takes(`${utils} _rebuild_nested_tensor`, 4, 4, ([buffer], run) =>
    buffer instanceof TensorRef
      ? lackingTensor("it is a nested tensor", buffer.fields.dtype, undefined, run)
      : run.fail("a nested tensor without its elements"),
  ),
];
const rebuilding: ReadonlySet<Value | undefined> = new Set(rebuilds.map(([, callable]) => callable));

/** A tensor of a subclass, or with attributes. What it adds is Python's; the tensor is the one that is made below. */
const fromType: Call = ([rebuild, type, args], run) => {
  if (!(rebuild instanceof Callable && rebuilding.has(rebuild)) || !(args instanceof Tuple))
    return run.fail("a tensor is made by what makes no tensors");
  if (!(type instanceof Label && type.kind === "tensor class")) return run.fail("a tensor is of no class of tensors");
  return rebuild.call(args.items, run);
};

function ordered([pairs]: readonly Value[], run: Run): Dict {
  const dict = new Dict(true);
  if (pairs === undefined) return dict;
  // as Python 2 wrote it
  if (!(pairs instanceof List)) return run.fail("an OrderedDict is made of no list");
  run.charge(pairs.items.length);
  for (const pair of pairs.items) {
    if (!(pair instanceof List || pair instanceof Tuple) || pair.items.length !== 2)
      return run.fail("an OrderedDict is made of no pairs");
    setEntry(dict, pair.items[0], pair.items[1], run);
  }
  return dict;
}

function counter([given]: readonly Value[], run: Run): Dict {
  const dict = new Dict(true);
  if (given === undefined) return dict;
  if (!(given instanceof Dict)) return run.fail("a Counter is made of no dict");
  run.charge(given.entries.size);
  for (const [hash, entry] of given.entries) dict.entries.set(hash, entry);
  return dict;
}

function set([given]: readonly Value[], run: Run): Bag {
  const bag = new Bag();
  if (given === undefined) return bag;
  if (!(given instanceof List || given instanceof Tuple)) return run.fail("a set is made of no list");
  run.charge(given.items.length);
  for (const item of given.items) addItem(bag, item, run);
  return bag;
}

/** Bytes travel as text of Latin-1 in protocol 2. */
function latin1([text, encoding]: readonly Value[], run: Run): Uint8Array {
  if (text === undefined) return new Uint8Array();
  if (typeof text !== "string" || (encoding !== "latin1" && encoding !== "latin-1"))
    return run.fail("bytes that are no text of Latin-1");
  run.charge(text.length);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) return run.fail("bytes that are no text of Latin-1");
    bytes[i] = code;
  }
  return bytes;
}

function device([type, index]: readonly Value[], run: Run): Label {
  if (typeof type !== "string" || !/^[a-z]+(:\d+)?$/.test(type) || type.length > 40)
    return run.fail("a device has no name");
  return new Label("device", index === undefined ? type : `${type}:${natural(index, "the index of a device", run)}`);
}

const float = (value: Value, run: Run): number =>
  typeof value === "number" ? value : run.fail(`a complex number is made of ${kindOf(value)}`);

/** By the module and the name that a pickle gives, with a blank between them. */
const known: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...rebuilds,
  takes("torch._tensor _rebuild_from_type_v2", 4, 4, fromType),
  takes("collections OrderedDict", 0, 1, ordered),
  takes("collections Counter", 0, 1, counter),
  ...["builtins", "__builtin__"].flatMap((module) => [
    takes(`${module} set`, 0, 1, set),
    takes(`${module} frozenset`, 0, 1, set),
    takes(`${module} complex`, 2, 2, ([re, im], run) => new Complex(float(re, run), float(im, run))),
    takes(`${module} bytearray`, 0, 2, latin1),
    takes(`${module} bytes`, 0, 0, latin1),
  ]),
  takes("_codecs encode", 2, 2, latin1),
  takes("torch Size", 1, 1, ([sizes], run) => {
    if (!(sizes instanceof Tuple)) return run.fail("a torch.Size is made of no tuple");
    for (const size of sizes.items) natural(size, "a size", run);
    run.charge(sizes.items.length);
    return sizes;
  }),
  takes("torch device", 1, 2, device),
  takes("torch.serialization _get_layout", 1, 1, ([name], run) =>
    typeof name === "string" && /^torch\.[a-z_]{1,40}$/.test(name)
      ? new Label("layout", name)
      : run.fail("a layout has no name"),
  ),
  ...[...torchDTypes.keys()].map((dtype) => [`torch ${dtype}`, new Label("dtype", dtype)] as const),
  ...[...storageClasses].map(([name, dtype]) => [name, new Label("storage class", dtype)] as const),
  ...["torch Tensor", "torch.nn.parameter Parameter", "torch.nn.parameter Buffer"].map(
    (name) => [name, new Label("tensor class", name)] as const,
  ),
  // the kinds of quantized tensors
  ...[
    "per_tensor_affine",
    "per_tensor_symmetric",
    "per_channel_affine",
    "per_channel_symmetric",
    "per_channel_affine_float_qparams",
  ].map((name) => [`torch ${name}`, new Label("layout", name)] as const),
]);

const stateDict =
  "save what it holds in Python: torch.save(model.state_dict(), path), or torch.save(optimizer.state_dict(), path)";
const advice = (module: string): string => {
  if (module.startsWith("numpy"))
    return "save tensors in Python: torch.from_numpy(array), and float(x) or int(x) of a NumPy number";
  if (module === "argparse") return "save a dict in Python: vars(args)";
  if (module === "pathlib") return "save a string in Python: str(path)";
  return stateDict;
};

/** What a pickle means by a name. @throws FormatError for all that is not in the list. */
export function globalNamed(module: string, name: string, run: Run): Value {
  const found = known.get(`${module} ${name}`);
  if (found !== undefined && !module.includes(" ") && !name.includes(" ")) return found;
  const problem = `the file asks for ${quote(`${module}.${name}`)}: Flambeau reads tensors and plain data, and makes nothing by its name`;
  return run.fail(problem, advice(module));
}
