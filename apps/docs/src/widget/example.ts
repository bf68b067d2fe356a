// A program in a page: its editor, its buttons, what it prints and shows.
import { fromFragment, toFragment } from "../run/link.ts";
import type { Device, Report } from "../run/protocol.ts";
import { type Session, start } from "../run/session.ts";
import type { Editor } from "./editor.ts";
import { createOutput } from "./output.ts";

export interface ExampleOptions {
  readonly name: string;
  readonly code: string;
  /** The text of show.ts, for projects of the reader's own. */
  readonly show: string;
  /** The site's base address, as `/`. */
  readonly base: string;
  /** The program as the page came with it: it stands where the editor will, which comes when the reader wants it. */
  readonly still: HTMLElement;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const button = (label: string, className: string, onclick: () => void): HTMLButtonElement =>
  element("button", { type: "button", className, onclick }, label);

/** Puts an example into the page. @returns what takes it away again */
export function mountExample(parent: HTMLElement, { name, code, show, base, still }: ExampleOptions): () => void {
  let session: Session | undefined;
  const pictures = element("div", { className: "pictures" });
  const lines = element("div", {
    className: "lines",
    hidden: true,
    tabIndex: 0,
    role: "log",
    ariaLabel: "What the program prints",
  });
  const output = createOutput(pictures, lines);
  const status = element("p", { className: "status", role: "status" });
  const device = element(
    "select",
    { ariaLabel: "Device" },
    element("option", { value: "cpu" }, "WebAssembly"),
    element("option", { value: "webgpu" }, "WebGPU"),
  );
  device.hidden = !("gpu" in navigator);
  const runButton = button("Run", "run", () => (session ? stop("Stopped.") : run()));
  const shelf = element("div", { className: "editor" });
  const edit = button("Edit", "quiet", () => void open().then((opened) => opened.focus()));
  const root = element(
    "div",
    { className: "example" },
    shelf,
    element(
      "div",
      { className: "bar" },
      runButton,
      device,
      edit,
      button("Reset", "quiet", reset),
      button("Copy a link", "quiet", () => void share()),
      button("Download as a project", "quiet", () => void download()),
      status,
    ),
    lines,
    pictures,
  );
  parent.append(root);
  shelf.append(still);
  root.dataset.state = "ready";
  still.addEventListener("dblclick", () => edit.click());

  let editor: Editor | undefined;
  let opening: Promise<Editor> | undefined;
  let gone = false;
  /** Whether the program came in a link: then it stays where it reaches nothing, whatever is changed in it. */
  let foreign = false;
  /** Brings the editor, the heaviest part of the page, when it is first asked for. */
  function open(): Promise<Editor> {
    opening ??= import("./editor.ts").then(({ createEditor }) => {
      still.hidden = true;
      edit.hidden = true;
      editor = createEditor(shelf, code, `The program: ${name}`, () => run());
      if (gone) editor.destroy();
      return editor;
    });
    return opening;
  }
  const program = () => editor?.code ?? code;

  function finish(state: string, words: string): void {
    session?.stop();
    session = undefined;
    output.end();
    runButton.textContent = "Run";
    root.dataset.state = state;
    status.textContent = words;
  }

  function stop(words: string): void {
    if (session) finish("stopped", words);
  }

  function run(): void {
    stop("");
    output.clear();
    editor?.mark(undefined);
    runButton.textContent = "Stop";
    root.dataset.state = "running";
    status.textContent = "Running…";
    session = start({ code: program(), device: device.value as Device, foreign }, base, report); // its options are the devices
  }

  function report(what: Report): void {
    if (what.kind === "print")
      output.print(String(what.text), what.level === "warn" || what.level === "error" ? what.level : "log");
    else if (what.kind === "show" && typeof what.picture === "object" && what.picture) output.show(what.picture);
    else if (what.kind === "draw") {
      output.square(String(what.title), (pixels) => session?.draw(pixels));
      status.textContent = "Running until you stop it: it waits for what you draw.";
    } else if (what.kind === "done") finish("done", `Done in ${(Number(what.milliseconds) / 1000).toFixed(1)} s.`);
    else if (what.kind === "error") {
      const line = Number.isSafeInteger(what.line) && (what.line ?? 0) > 0 ? what.line : undefined;
      output.print(`${line ? `Line ${line}: ` : ""}${String(what.message)}`, "error");
      if (line) void open().then((opened) => opened.mark(line));
      finish("failed", "The program ended with an error.");
    }
  }

  function reset(): void {
    stop("");
    if (editor) editor.code = code;
    editor?.mark(undefined);
    output.clear();
    foreign = false;
    device.disabled = false;
    root.dataset.state = "ready";
    status.textContent = "";
    if (location.hash.startsWith("#code=")) history.replaceState(history.state, "", location.pathname);
  }

  async function share(): Promise<void> {
    const link = `${location.origin}${location.pathname}${await toFragment(program())}`;
    history.replaceState(history.state, "", link);
    const copied = await navigator.clipboard?.writeText(link).then(
      () => true,
      () => false, // a browser may refuse it
    );
    status.textContent = copied ? "The link is in the clipboard." : "The link is in the address bar.";
  }

  async function download(): Promise<void> {
    const { project } = await import("./project.ts");
    const href = URL.createObjectURL(project(name, program(), show, "latest"));
    element("a", { href, download: `${name}.zip` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  }

  // what comes in a link waits for the reader: it runs when Run is pressed
  const take = async (): Promise<void> => {
    const linked = await fromFragment(location.hash);
    if (linked === undefined) return;
    stop("");
    foreign = true;
    device.value = "cpu";
    device.disabled = true;
    (await open()).code = linked;
    status.textContent = "This program came with the link. Read it, then run it.";
  };
  const changed = () => void take();
  void take();
  addEventListener("hashchange", changed);
  return () => {
    removeEventListener("hashchange", changed);
    session?.stop();
    gone = true;
    editor?.destroy();
    root.remove();
  };
}
