import { ArgumentError, FormatError, UnavailableError } from "@flambeau/tensor/functional";
import { checkOptions, option, show } from "@flambeau/tensor/plugin";
import { writeWhole } from "../files/atomic-write.ts";
import type { FilePath } from "../files/node.ts";
import { type FilePlace, fromFile, type ReadOptions, readKinds, type Source } from "../files/source.ts";
import { readSafetensors } from "../safetensors/parse.ts";
import { encodeCheckpoint, parseCheckpoint, stateOf } from "./bytes.ts";
import type { State } from "./tree.ts";

/** A module, an optimizer, a scheduler: anything that gives and takes its state. */
export interface Stateful<S = never> {
  stateDict(): unknown;
  loadStateDict(state: S): unknown;
}

/** A random generator. */
export interface StatefulGenerator {
  getState(): Uint8Array;
  setState(state: Uint8Array): void;
}

/** What a training run needs to go on, by names of your choice: `{ model, optimizer, scheduler, generator }`. */
export interface CheckpointParts {
  readonly [name: string]: Stateful | StatefulGenerator;
}

/** The name under which a file keeps the {@link Progress} beside the parts. */
const reserved = "progress";

/** Plain values that go with the parts: epoch, step, best accuracy... */
export interface Progress {
  readonly [key: string]: State;
}

/**
 * Save the state of all parts, and where training stands, in one file; the path then holds all of it or what it held before.
 *
 * The file is a safetensors file (see {@link encodeCheckpoint}).
 *
 * @throws WriteError when the file cannot be written; the checkpoint before is unchanged then. ArgumentError for a part named "progress"
 * and a state that a checkpoint cannot hold. UnavailableError where there is no file system.
 * @see https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
 * @example
 * const generator = defaultGenerator;
 * await saveCheckpoint("run.safetensors", { generator }, { epoch: 3 });
 * (await loadCheckpoint("run.safetensors", { generator })).epoch; // 3
 */
export async function saveCheckpoint(path: FilePath, parts: CheckpointParts, progress: Progress = {}): Promise<void> {
  await writeWhole("saveCheckpoint", path, await encoded("saveCheckpoint", parts, progress));
}

/** @throws ArgumentError for what is no object of parts that give and take their states. */
function checkParts(op: string, parts: CheckpointParts): void {
  if (!option.object.takes(parts))
    throw new ArgumentError(op, `the parts are an object of what has a state, by name, got ${show(parts)}`);
  for (const [name, part] of Object.entries<unknown>(parts)) {
    const has = (method: string) => option.object.takes(part) && typeof Reflect.get(part, method) === "function";
    if (!(has("stateDict") && has("loadStateDict")) && !(has("getState") && has("setState")))
      throw new ArgumentError(
        op,
        `"${name}" must have stateDict() and loadStateDict(), or getState() and setState(), got ${show(part)}`,
        "plain values go into the progress",
      );
  }
}

async function encoded(op: string, parts: CheckpointParts, progress: Progress): Promise<Uint8Array> {
  checkParts(op, parts);
  if (!isRecord(progress))
    throw new ArgumentError(op, `the progress is an object of values by name, got ${show(progress)}`);
  if (reserved in parts) throw new ArgumentError(op, `a part must not be named "${reserved}"`);
  return encodeCheckpoint({ ...statesOf(parts), [reserved]: progress });
}

/**
 * The state of all parts, and where training stands, held on the host: what {@link saveCheckpoint} would write. {@link restore} puts it
 * back, also when the device that the parts were on is lost. The values are those at the time of the call.
 *
 * @throws ArgumentError for a part named "progress" and a state that a checkpoint cannot hold; what a read of the state rejects with.
 * @see https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
 * @example
 * const model = new nn.Linear(2, 1);
 * const held = await snapshot({ model }, { epoch: 3 });
 * (await restore(held, { model })).epoch; // 3
 */
export const snapshot = (parts: CheckpointParts, progress: Progress = {}): Promise<Uint8Array> =>
  encoded("snapshot", parts, progress);

/**
 * Put what {@link snapshot} gave back into all parts, and give its progress. Either every part takes its state, or none is changed.
 *
 * Parameters, buffers and optimizer state stay on the devices where they are, and the same objects. Where a device was lost and
 * `registerBackend` has put another in its place, they get new memory there: this one call brings model and optimizer back.
 *
 * @throws FormatError when the bytes are no snapshot, or one of other parts; what a part throws when a state does not fit it;
 * DeviceLostError while no other device has taken the place of one that was lost.
 * @see https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
 * @example
 * const model = new nn.Linear(2, 1);
 * const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
 * const held = await snapshot({ model, optimizer }, { epoch: 3 });
 * optimizer.paramGroups[0].lr = 1;
 * (await restore(held, { model, optimizer })).epoch; // 3
 * optimizer.paramGroups[0].lr; // 0.1
 */
export async function restore(bytes: Uint8Array, parts: CheckpointParts): Promise<Progress> {
  checkParts("restore", parts);
  return putBack(parseCheckpoint(bytes, { file: "snapshot" }), "snapshot", parts, undefined);
}

/**
 * Put the state of a checkpoint into all parts and give its progress. Either every part takes its state, or none is changed.
 *
 * @throws FormatError when the file is truncated, corrupt, or saved from other parts; what a part throws when a state does not fit it;
 * ReadError when the file cannot be read, FetchError when an address cannot. UnavailableError where there is no file system.
 * @see https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
 * @example
 * const model = new nn.Linear(2, 1);
 * const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
 * await saveCheckpoint("run.safetensors", { model, optimizer }, { epoch: 3 });
 * optimizer.paramGroups[0].lr = 1;
 * (await loadCheckpoint("run.safetensors", { model, optimizer })).epoch; // 3
 * optimizer.paramGroups[0].lr; // 0.1
 */
export async function loadCheckpoint(
  place: FilePlace,
  parts: CheckpointParts,
  options: ReadOptions & { device?: string | undefined } = {},
): Promise<Progress> {
  checkOptions("loadCheckpoint", { device: option.string, ...readKinds }, options);
  checkParts("loadCheckpoint", parts);
  const read = async (source: Source) =>
    [stateOf(await readSafetensors(source), source.file, options.device), source.file] as const;
  const [state, file] = await fromFile("loadCheckpoint", place, read, options);
  return putBack(state, file, parts, options.device);
}

async function putBack(
  state: State,
  file: string,
  parts: CheckpointParts,
  device: string | undefined,
): Promise<Progress> {
  if (!isRecord(state) || !isRecord(state[reserved])) {
    throw new FormatError(file, 8, "a checkpoint, but not one of saveCheckpoint()", "read it with parseCheckpoint()");
  }
  const { [reserved]: progress, ...saved } = state;
  const [missing] = Object.keys(parts).filter((name) => !Object.hasOwn(saved, name));
  const [unknown] = Object.keys(saved).filter((name) => !Object.hasOwn(parts, name));
  if (missing !== undefined || unknown !== undefined) {
    const [problem, name] = missing === undefined ? ["also has", unknown] : ["has no", missing];
    throw new FormatError(file, 8, `the checkpoint ${problem} "${name}" (it holds ${Object.keys(saved).join(", ")})`);
  }
  // a part that refuses its state must not leave the ones before it changed
  const before = await statesBefore(parts, device);
  const names = Object.keys(parts);
  for (const [i, name] of names.entries()) {
    try {
      give(parts[name], saved[name]);
    } catch (error) {
      if (before !== null) for (const done of names.slice(0, i + 1)) give(parts[done], before[done]);
      throw error;
    }
  }
  return progress;
}

/**
 * Copies of the states of parts; null where they cannot be read, since a device was lost with them or they come from a call that failed
 * there: then there is nothing to go back to.
 */
async function statesBefore(parts: CheckpointParts, device?: string): Promise<{ [name: string]: State } | null> {
  try {
    const bytes = await encodeCheckpoint(statesOf(parts));
    return parseCheckpoint(bytes, { device }) as { [name: string]: State }; // as it was encoded
  } catch (error) {
    // the parts' own fault, and not that of what they hold
    if (error instanceof ArgumentError || error instanceof UnavailableError) throw error;
    return null;
  }
}

const statesOf = (parts: CheckpointParts): { [name: string]: State } =>
  Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [
      name,
      // flatten() checks what the parts give, value by value
      ("getState" in part ? part.getState() : part.stateDict()) as State,
    ]),
  );

function give(part: Stateful | StatefulGenerator, state: State): void {
  // each part checks the state it is given
  if ("setState" in part) part.setState(state as Uint8Array);
  else part.loadStateDict(state as never);
}

const isRecord = (value: State): value is { [key: string]: State } =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
