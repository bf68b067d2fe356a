import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Answer, CountAnswer, CountRequest, ExplainAnswer, ExplainRequest, Hello, Request } from "./protocol.ts";

/** How to start a rival's process. */
export type Command = { file: string; args: string[]; env?: Record<string, string> };

/** The parent's side of one rival process. */
export class Child {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #stderr = "";
  #exit: string | undefined;

  constructor({ file, args, env }: Command) {
    this.#process = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.#process.on("error", (error) => {
      this.#exit = error.message;
    });
    this.#process.on("exit", (code, signal) => {
      this.#exit ??= signal ? `ended by ${signal}` : `ended with code ${code}`;
    });
    this.#process.stdin?.on("error", () => {}); // a child that is gone is reported by the line that never comes
    this.#process.stderr?.on("data", (text) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    // stdio is "pipe" above, so there is a standard output
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** The first line, or the reason why there is none. */
  async hello(): Promise<Hello> {
    const message = await this.#next();
    if (typeof message.lost === "string") return { unavailable: message.lost };
    if ("ready" in message || "unavailable" in message) return message as Hello;
    return { unavailable: `said ${JSON.stringify(message).slice(0, 80)} instead of hello` };
  }

  /** Send a request and wait for its answer. A child that dies answers with the reason. */
  async ask(request: Request): Promise<Answer> {
    const message = await this.#send(request);
    if (typeof message.ms === "number" && message.ms >= 0) return message as Answer;
    return unsupported(message);
  }

  /** The same for what a step asks of the GPU. */
  async count(request: CountRequest): Promise<CountAnswer> {
    const message = await this.#send(request);
    if (typeof message.counted === "object" && message.counted !== null) return message as CountAnswer;
    return unsupported(message);
  }

  /** The same for where its time goes. */
  async explain(request: ExplainRequest): Promise<ExplainAnswer> {
    const message = await this.#send(request);
    if (Array.isArray(message.parts)) return message as ExplainAnswer;
    return unsupported(message);
  }

  /** End the process: by closing its input, then by a signal when it does not listen. */
  async close(): Promise<void> {
    if (this.#exit !== undefined) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin?.end();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 2000);
    await ended;
    clearTimeout(timer);
  }

  async #send(request: Request | CountRequest | ExplainRequest): Promise<Record<string, unknown>> {
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.#next();
  }

  /** The next message, or `{ lost }` with the reason why none will come. */
  async #next(): Promise<Record<string, unknown>> {
    const { value, done } = await this.#lines.next();
    if (done) {
      await new Promise((resolve) => setTimeout(resolve, 20)); // the exit and the last words may come after the end of output
      const words = this.#stderr.trim().split("\n").at(-1) ?? "";
      return { lost: `${this.#exit ?? "closed its output"}${words && `: ${words}`}` };
    }
    try {
      return JSON.parse(value);
    } catch {
      return { lost: `printed a line that is no JSON: ${value.slice(0, 80)}` };
    }
  }
}

function unsupported({ lost, unsupported, ...message }: Record<string, unknown>): { unsupported: string } {
  if (typeof lost === "string") return { unsupported: lost };
  if (typeof unsupported === "string") return { unsupported };
  return { unsupported: `answered ${JSON.stringify(message).slice(0, 80)}` };
}
