// Runs a program for the page: in a worker, in a frame that has no origin, so that nothing of the site is in its reach, and whose policy
// lets it reach no network. WebGPU browsers give to pages with an origin only: for that a program that the reader has here, and none
// that came in a link, gets a worker of the page.
import type { Device, Files, Message, Report, Start } from "./protocol.ts";
import { startWorker } from "./starter.ts";

/** What the frame may do: run its own script, the modules that it was handed, and WebAssembly. */
const policy = (nonce: string) =>
  `default-src 'none'; script-src 'nonce-${nonce}' blob: 'wasm-unsafe-eval'; worker-src blob:`;

export interface Session {
  /** Hands the program what the reader drew. */
  draw(pixels: Float32Array): void;
  /** Ends the program, wherever it is. */
  stop(): void;
}

let loaded: Promise<Files & { frame: string }> | undefined;

/** The texts of what runs programs, fetched when the first one is started. */
function load(base: string): Promise<Files & { frame: string }> {
  const text = async (name: string) => {
    const response = await fetch(`${base}run/${name}.js`);
    if (!response.ok) throw new Error(`${name}.js could not be loaded (${response.status})`);
    return response.text();
  };
  loaded ??= Promise.all(["flambeau", "show", "worker", "frame"].map(text)).then(
    ([flambeau = "", show = "", worker = "", frame = ""]) => ({ flambeau, show, worker, frame }),
    (error: unknown) => {
      loaded = undefined; // the next try may find a network
      throw error;
    },
  );
  return loaded;
}

export interface ProgramToRun {
  readonly code: string;
  readonly device: Device;
  /** Whether it came in a link. */
  readonly foreign: boolean;
}

/**
 * Starts a program.
 *
 * @param base the site's base address, as `/`
 * @param report is told what the program does, until it is stopped
 */
export function start({ code, device, foreign }: ProgramToRun, base: string, report: (what: Report) => void): Session {
  const frame = document.createElement("iframe");
  const channel = new MessageChannel();
  let stopped = false;
  const tell = (what: Report) => {
    if (!stopped) report(what);
  };
  channel.port1.onmessage = ({ data }) => tell(data);
  load(base).then(
    ({ frame: script, ...files }) => {
      if (stopped) return;
      const message: Start = { code, device, files };
      if (device === "webgpu") {
        if (foreign) tell({ kind: "error", message: "A program that came in a link runs on WebAssembly only." });
        else startWorker(message, channel.port2);
        return;
      }
      const nonce = crypto.randomUUID();
      frame.setAttribute("sandbox", "allow-scripts");
      frame.setAttribute("aria-hidden", "true");
      frame.title = "Where the program runs";
      frame.style.display = "none"; // the site's style shows frames that are only hidden
      frame.referrerPolicy = "no-referrer";
      frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy(nonce)}"><script nonce="${nonce}">${script}</script>`;
      frame.addEventListener("load", () => {
        frame.contentWindow?.postMessage(message, "*", [channel.port2]); // the frame has no origin to name
      });
      document.body.append(frame);
    },
    (error: unknown) => tell({ kind: "error", message: String(error) }),
  );
  const send = (message: Message) => channel.port1.postMessage(message);
  return {
    draw: send,
    stop() {
      if (stopped) return;
      stopped = true;
      send("stop");
      // the frame ends its worker in its turn; then it goes itself
      setTimeout(() => {
        frame.remove();
        channel.port1.close();
      }, 100);
    },
  };
}
