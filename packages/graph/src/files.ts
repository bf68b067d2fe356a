import { decode, encode, type FilePath, load, loadMetadata, parseSafetensors, save } from "@flambeau/io";
import { keep, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { noGraph } from "./check.ts";
import { checkGraph, Graph } from "./graph.ts";
import type { OpTable } from "./ops.ts";

// A graph in one file: safetensors hold its tensors, and a note in them the rest as JSON.

const note = "flambeau.graph";

export interface LoadGraphOptions {
  /** Where the tensors are made. Default: the default device, and the cpu for dtypes that it does not have. */
  readonly device?: string | undefined;
  /** Records of ops by name, for those that are not the library's. */
  readonly ops?: OpTable | undefined;
}
const loadKinds: Kinds<LoadGraphOptions> = { device: option.string, ops: option.object };

/**
 * Write a graph with its tensors into a safetensors file, so that the path holds all of it or what it held before.
 *
 * Shapes: any.
 *
 * @throws WriteError when the file cannot be written. UnavailableError for a graph whose tensors have no values, on "meta", and where there is no file system:
 * {@link encodeGraph} gives the bytes.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const model = new nn.Linear(3, 2);
 * const graph = capture((x) => model.forward(x), [ones([4, 3])], { model });
 * await saveGraph(graph, "model.safetensors");
 * const again = await loadGraph("model.safetensors");
 * const [y, z] = [graph, again].map((g) => g.run([ones([4, 3])]) as Tensor);
 * y.equal(z); // true
 */
export async function saveGraph(graph: Graph, path: FilePath): Promise<void> {
  checkGraph("saveGraph", graph);
  await save(graph.tensors, path, { metadata: notes(graph) });
}
/**
 * Read the graph that {@link saveGraph} wrote. Its tensors are its own: `graph.dispose()` frees them.
 *
 * Shapes: those of the graph that was written.
 *
 * @throws FormatError for a file without a graph, or a damaged one; ReadError when it cannot be read; UnavailableError where there is no file system.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * await saveGraph(capture((x) => x.add(1), [zeros([2])]), "add.safetensors");
 * const graph = await loadGraph("add.safetensors");
 * graph.nodes.map((call) => call.op); // ["add"]
 */
export async function loadGraph(path: FilePath, options: LoadGraphOptions = {}): Promise<Graph> {
  checkOptions("loadGraph", loadKinds, options);
  const { device, ops } = options;
  const [json, tensors] = await Promise.all([loadMetadata(path), load(path, { device })]);
  return graphOf(String(path), json[note], tensors, ops);
}

/**
 * The bytes that {@link saveGraph} writes, for where there is no file system.
 *
 * Shapes: any.
 *
 * @throws UnavailableError for a graph whose tensors have no values, on "meta".
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const bytes = await encodeGraph(capture((x) => x.exp(), [zeros([2])]));
 * decodeGraph(bytes).nodes.map((call) => call.op); // ["exp"]
 */
export async function encodeGraph(graph: Graph): Promise<Uint8Array> {
  checkGraph("encodeGraph", graph);
  return encode(graph.tensors, { metadata: notes(graph) });
}
/**
 * The graph in bytes that {@link encodeGraph} gave. Its tensors are its own: `graph.dispose()` frees them.
 *
 * Shapes: those of the graph that was encoded.
 *
 * @throws FormatError for bytes without a graph, or of a damaged one; ArgumentError for what is no Uint8Array.
 * @see https://huggingface.co/docs/safetensors
 * @example
 * const bytes = await encodeGraph(capture((x) => x.add(tensor([1, 2])), [zeros([2])]));
 * using graph = decodeGraph(bytes);
 * graph.run([zeros([2])]); // tensor([1., 2.])
 */
export function decodeGraph(bytes: Uint8Array, options: LoadGraphOptions = {}): Graph {
  checkOptions("decodeGraph", loadKinds, options);
  const { device, ops } = options;
  const { metadata } = parseSafetensors(bytes, { only: [] });
  return graphOf("safetensors", metadata.get(note), decode(bytes, { device }), ops);
}

const notes = (graph: Graph) => ({ [note]: JSON.stringify(graph) });

function graphOf(
  file: string,
  text: string | undefined,
  tensors: { readonly [name: string]: Tensor },
  ops: OpTable | undefined,
): Graph {
  const own = Object.values(tensors).map((t) => keep(t));
  try {
    if (text === undefined) throw noGraph(file, `there is no graph in it: no note "${note}"`, "saveGraph() writes it");
    return Graph.fromJSON(parsed(file, text), tensors, { ops, own });
  } catch (error) {
    for (const t of own) t.dispose();
    throw error;
  }
}
function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw noGraph(file, `the graph is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
