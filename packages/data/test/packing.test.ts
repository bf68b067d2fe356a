import "./backend.ts";
import { tensor } from "@flambeau/tensor";
import { expect, it } from "vitest";
import { buffersOf, pack, unpack } from "../src/workers/packing.ts";

it("a batch survives the way, whatever holds its tensors", () => {
  const t = () => tensor([[1n, -1n]], { dtype: "int64" });
  const name = { first: "a" };
  const batches = [
    t(),
    [t(), "x"],
    { a: [{ b: t() }], n: 3n },
    new Map<unknown, unknown>([
      ["k", t()],
      [name, [t()]],
    ]),
    "text",
  ];
  for (const batch of batches) {
    const packed = pack(batch);
    const back = unpack(structuredClone(packed, { transfer: buffersOf(packed) }));
    expect(String(JSON.stringify(plain(back)))).toBe(String(JSON.stringify(plain(batch))));
  }
  expect(pack(batches).tensors.length).toBe(5);
});

/** Tensors as lists, maps as entries. */
function plain(x: unknown): unknown {
  if (x instanceof Map) return [...x].map(plain);
  if (Array.isArray(x)) return x.map(plain);
  if (typeof x === "bigint") return `${x}n`;
  if (typeof x !== "object" || x === null) return x;
  if ("tolist" in x && typeof x.tolist === "function") return ["tensor", Reflect.get(x, "dtype"), plain(x.tolist())];
  return Object.entries(x).map(plain);
}
