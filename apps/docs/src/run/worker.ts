// Runs one program in a worker and reports what it prints, shows and breaks.
import type { Picture } from "../../examples/show.ts";
import { format } from "./format.ts";
import { Newest } from "./newest.ts";
import type { Message, Program, Report } from "./protocol.ts";
import { ProgramError, translate } from "./translate.ts";

/** A program in an endless loop must not fill the page's memory before it is stopped. */
const mostReports = 5000;
let reports = 0;

const tell = (report: Report): void => {
  if (report.kind === "print" || report.kind === "show") {
    reports++;
    if (reports > mostReports) return;
    if (reports === mostReports)
      report = {
        kind: "print",
        level: "warn",
        text: "That was much. What the program prints from here on is left out.",
      };
  }
  postMessage(report);
};

function listen(): void {
  const print =
    (level: "log" | "warn" | "error") =>
    (...values: unknown[]): void =>
      tell({ kind: "print", level, text: values.map(format).join(" ") });
  Object.assign(console, { log: print("log"), info: print("log"), debug: print("log"), warn: print("warn") });
  Object.assign(console, { error: print("error"), trace: print("log"), table: print("log"), dir: print("log") });
}

function show(picture: Picture): void {
  try {
    tell({ kind: "show", picture });
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw new TypeError("show takes numbers: give it `await x.data()` in the place of a tensor");
  }
}

const drawn = new Newest<Float32Array>();

function drawings(title: string): AsyncIterable<Float32Array> {
  tell({ kind: "draw", title: String(title) });
  return drawn.values();
}

/** What went wrong, in the reader's words, and in which of the program's lines. */
function explain(error: unknown, address: string, code: string): Report {
  if (error instanceof ProgramError) return { kind: "error", message: error.message, line: error.line };
  if (!(error instanceof Error)) return { kind: "error", message: `Thrown: ${format(error)}` };
  const missing = /'?(blob:[^' ]*)'? does not provide an export named '([^']+)'/.exec(error.message);
  if (missing) {
    const line = code.split("\n").findIndex((each) => new RegExp(`\\b${missing[2]}\\b`).test(each)) + 1;
    return { kind: "error", message: `What is imported has no "${missing[2]}"`, line: line || undefined };
  }
  const at = (error.stack ?? "").split(address)[1];
  const line = at && /^:(\d+)/.exec(at)?.[1];
  return { kind: "error", message: `${error.name}: ${error.message}`, line: line ? Number(line) : undefined };
}

async function run({ code, device, modules }: Program): Promise<void> {
  let address = "";
  const start = performance.now();
  const fail = (error: unknown) => tell(explain(error, address, code));
  addEventListener("unhandledrejection", ({ reason }) => fail(reason));
  try {
    const { screen } = await import(modules.show);
    Object.assign(screen, { show, drawings });
    const text = translate(code, { flambeau: modules.flambeau, "./show.ts": modules.show });
    if (device === "webgpu") {
      const { registerBackend, setDefaultDevice, webgpu } = await import(modules.flambeau);
      registerBackend(await webgpu());
      setDefaultDevice("webgpu");
    }
    address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    await import(address);
    tell({ kind: "done", milliseconds: performance.now() - start });
  } catch (error) {
    fail(error);
  }
}

listen();
addEventListener("message", ({ data }: MessageEvent<Program | Message>) => {
  if (data instanceof Float32Array) drawn.put(data);
  else if (data !== "stop") run(data);
});
