import { Child } from "../child.ts";
import type { Answer, Request } from "../protocol.ts";
import type { Program } from "./program.ts";

/** One process that measures rows as it is asked to. */
export type Session = { ask(request: Request): Promise<Answer>; close(): Promise<void> };

/**
 * Start a process of a checkout. One that gives no figure for a row is replaced before the next one, so that a row on which the
 * process dies costs no other; one that cannot start answers with the reason.
 */
export async function open({ command }: Pick<Program, "command">, threads: number): Promise<Session> {
  let running: Started | undefined = await start(command, threads);
  return {
    async ask(request) {
      running ??= await start(command, threads);
      if ("unavailable" in running) return { unsupported: running.unavailable };
      const answer = await running.ask(request);
      if ("unsupported" in answer) {
        await running.close();
        running = undefined;
      }
      return answer;
    },
    async close() {
      if (running instanceof Child) await running.close();
    },
  };
}

type Started = Child | { unavailable: string };

async function start(command: Program["command"], threads: number): Promise<Started> {
  const child = new Child(command(threads));
  const hello = await child.hello();
  if ("ready" in hello) return child;
  await child.close();
  return hello;
}
