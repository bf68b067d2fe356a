// One turn of one checkout: a process that measures rows on the packages of the checkout it lies in, as the parent asks for them.
// `program.ts` puts a copy of this into each checkout, so that all run the same workloads.
import { serve, type Workbench } from "../protocol.ts";

await serve(async (threads) => {
  const { load } = await import("../rivals/ours-workloads.ts");
  const { version, workbench } = load(threads);
  const { workbench: small } = await import("./ours-small.ts");
  return { version, workbench: collected({ ...workbench, ...small }) };
});

/** What an earlier row left behind is not the next row's to collect. */
function collected(workbench: Workbench): Workbench {
  const entries = Object.entries(workbench).map(([name, prepare]): [string, Workbench[string]] => [
    name,
    () => {
      globalThis.gc?.();
      return prepare();
    },
  ]);
  return Object.fromEntries(entries);
}
