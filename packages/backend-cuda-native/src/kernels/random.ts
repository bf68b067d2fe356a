import { sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf } from "../engine/views.ts";

/** Philox4x32-10 bits: element i is word i % 4 of counter (offset + floor(i / 4)). */
export function random(engine: Engine, output: View, seed: bigint, offset: bigint): void {
  const count = sizeOf(output.shape);
  if (count === 0) return;
  engine.words().int(count).int(addressOf(output)).big(BigInt.asIntN(64, seed)).big(BigInt.asIntN(64, offset));
  engine.forEach("philox", Math.ceil(count / 4));
}
