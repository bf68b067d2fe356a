import { readFileSync } from "node:fs";
import { autocast } from "@flambeau/amp";
import { type Backend, type Tensor, tidy } from "@flambeau/tensor";
import { toDType } from "@flambeau/tensor/plugin";
import { Unmapped } from "../../src/conformance/call.ts";
import { Decoder } from "../../src/conformance/decode.ts";
import { cannotReplay, type EncodedTensor } from "../../src/conformance/encoded.ts";
import type { FixtureFile } from "../../src/conformance/fixture.ts";
import { notRecorded, type OpFile, prepareWith } from "../../src/conformance/ops.ts";
import type { Subject } from "../../src/conformance/run.ts";

/** What dtypes_torch213.py wrote: for each file a string a case, or one for all. */
const table: { readonly [file: string]: string | readonly string[] } = JSON.parse(
  readFileSync(new URL("dtypes.json", import.meta.url), "utf8"),
);

/** Decodes float32 tensors as bfloat16 ones. */
class Halved extends Decoder {
  override tensor(t: EncodedTensor): Tensor {
    const out = super.tensor(t);
    return out.dtype === "float32" ? toDType(out.detach(), "bfloat16") : out;
  }
}

const letters: { readonly [dtype: string]: string } = {
  bfloat16: "b",
  float32: "f",
  float64: "d",
  float16: "h",
  bool: "t",
};

function dtypesOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(dtypesOf).join("");
  if (typeof value !== "object" || value === null) return "";
  if ("storage" in value) return letters[(value as Tensor).dtype] ?? "i";
  return Object.values(value).map(dtypesOf).join("");
}

export interface Difference {
  readonly ours: string;
  readonly theirs: string;
  readonly which: string;
}

/** Where the dtypes of our results under autocast are not PyTorch's; `part` is the first of the two in the table that the device compares to. */
export function differencesOf(file: FixtureFile, subject: Subject, part: 0 | 2): { seen: number; found: Difference[] } {
  const content = file.read() as unknown as OpFile; // the folder holds op files
  const rows = table[file.name];
  const found: Difference[] = [];
  let seen = 0;
  content.cases.forEach((c, i) => {
    if (notRecorded(content, c) !== null || cannotReplay(c) !== null) return;
    const parts = (typeof rows === "string" ? rows : rows[i]).split("/");
    for (const [k, inputs] of (["float32", "bfloat16"] as const).entries()) {
      const theirs = parts[part + k];
      if (theirs === "-" || theirs === "") continue;
      const dtypes = (region: <T>(fn: () => T) => T): string =>
        tidy(() => {
          const decoder = k === 0 ? new Decoder(subject.device) : new Halved(subject.device);
          const { run } = prepareWith(decoder, content, c, subject.functions);
          return dtypesOf(region(run));
        });
      let ours: string;
      try {
        ours = dtypes((run) => autocast("bfloat16", run as () => never)); // the runner's functions are synchronous
      } catch (error) {
        if (error instanceof Unmapped || fails(() => dtypes((run) => run()))) continue;
        ours = String(error).split("\n")[0];
      }
      seen++;
      if (ours !== theirs) found.push({ ours, theirs, which: `case ${i}, ${inputs} inputs` });
    }
  });
  return { seen, found };
}
function fails(fn: () => unknown): boolean {
  try {
    fn();
    return false;
  } catch {
    return true;
  }
}

/** `backend` under another name: a device that is not the cpu, with the cpu's kernels. */
export const renamed = (backend: Backend, name: string): Backend =>
  new Proxy(backend, {
    get(target, key) {
      if (key === "name") return name;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
