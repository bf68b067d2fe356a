// The page: a button that starts the training, and a row for each epoch.
import type { Message } from "./messages.ts";

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element ${id}`);
  return found;
};
const button = element("train") as HTMLButtonElement;
const status = element("status");
const epochs = element("epochs");

function row(...cells: readonly string[]): void {
  const tr = document.createElement("tr");
  for (const cell of cells) tr.appendChild(document.createElement("td")).textContent = cell;
  epochs.appendChild(tr);
}

button.addEventListener("click", () => {
  button.disabled = true;
  epochs.replaceChildren();
  status.textContent = "Starting";
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const end = (text: string): void => {
    worker.terminate();
    status.textContent = text;
    button.disabled = false;
  };
  worker.onerror = ({ message }) => end(`It failed: ${message}`);
  worker.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === "device") status.textContent = `Training on ${data.device}`;
    else if (data.kind === "failed") end(`It failed: ${data.reason}`);
    else if (data.kind === "done") end(`${status.textContent}: done`);
    else {
      const { epoch, loss, accuracy } = data.progress;
      row(String(epoch), loss.toFixed(4), `${(100 * accuracy).toFixed(1)} %`);
    }
  };
});
