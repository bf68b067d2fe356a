import { Child, type Command } from "./child.ts";
import { type Effort, measure, type Runner } from "./measure.ts";
import type { Rival, Table } from "./table.ts";
import type { Workload } from "./workloads.ts";

/** A rival that answered hello, with the whole of its process. */
export type Running = Runner & { child: Child };
type Progress = (line: string) => void;

/** Start the rivals; those that cannot run are reported with their reason. Whoever calls this closes the children. */
export async function start<Name extends string>(
  names: readonly Name[],
  commandOf: (name: Name) => Promise<Command | { unavailable: string }>,
  { running, progress }: { running: Running[]; progress: Progress },
): Promise<Rival[]> {
  const rivals: Rival[] = [];
  for (const name of names) {
    const command = await commandOf(name);
    const child = "unavailable" in command ? undefined : new Child(command);
    const hello = "unavailable" in command ? command : await child?.hello();
    if (child && hello && "ready" in hello) {
      running.push({ name, child });
      rivals.push({ name, version: hello.ready.version });
    } else {
      await child?.close();
      const unavailable = hello && "unavailable" in hello ? hello.unavailable : "did not start";
      rivals.push({ name, unavailable });
      progress(`${name} is not here: ${unavailable}`);
    }
  }
  return rivals;
}

/** Time each workload on the rivals turn by turn. */
export async function time(
  workloads: readonly Workload[],
  running: readonly Running[],
  { effort, progress }: { effort: Effort; progress: Progress },
): Promise<Table["rows"]> {
  const rows: Table["rows"] = [];
  for (const workload of workloads) {
    progress(workload.name);
    // a form that only we have is not asked of the others
    const asked = workload.against ? running.filter(({ name }) => name === "flambeau") : running;
    rows.push({ workload, figures: Object.fromEntries(await measure(workload, asked, effort)) });
  }
  return rows;
}
