// Flambeau's side of the bench.
import { serve } from "../protocol.ts";

await serve(async (threads) => {
  const { load } = await import("./ours-workloads.ts");
  return load(threads);
});
