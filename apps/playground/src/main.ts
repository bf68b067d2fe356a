import { Chart } from "./page/chart.ts";
import { Classifier } from "./page/classifier.ts";
import { deviceTitles, Figures } from "./page/figures.ts";
import { drawImage, Pad } from "./page/pad.ts";
import { Probabilities } from "./page/probabilities.ts";
import { Session } from "./page/session.ts";
import { SettingsForm } from "./page/settings.ts";
import { detectSupport, type Support } from "./page/support.ts";
import type { DeviceName, Report } from "./protocol.ts";

function at<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id "${id}"`);
  return element;
}
const say = (id: string, text: string): void => {
  at(id, HTMLElement).textContent = text;
};
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

type Phase = "opening" | "ready" | "training" | "paused" | "finished" | "failed";

const form = at("controls", HTMLFormElement);
const runButton = at("run", HTMLButtonElement);
const figures = new Figures((id) => at(id, HTMLElement), at("memory", HTMLTableSectionElement));
const lossChart = new Chart(at("loss-chart", HTMLElement), {
  label: "Loss",
  color: "--loss",
  range: [0, null],
  format: (value) => value.toFixed(2),
});
const accuracyChart = new Chart(at("accuracy-chart", HTMLElement), {
  label: "Test accuracy",
  color: "--good",
  range: [0, 1],
  format: (value) => `${Math.round(value * 100)} %`,
});
const probabilities = new Probabilities(at("probabilities", HTMLElement), at("verdict", HTMLElement));
const classifier = new Classifier(
  (request) => session.ask(request),
  (values) => probabilities.show(values),
);
const seen = at("seen", HTMLCanvasElement);
const pad = new Pad(at("pad", HTMLCanvasElement), drawn, (text) => say("pen", text));
const settings = new SettingsForm(form, (changed) => session.ask({ type: "settings", settings: changed }));

let phase: Phase = "opening";
let support: Support = { webgpuMissing: undefined, threadsMissing: undefined };
let session = open("cpu", "");

/** Begin with a fresh network. @param why stands before what the status line says when it is open */
function open(device: DeviceName, why: string): Session {
  setPhase("opening", `${why}Opening ${deviceTitles[device]}…`);
  figures.clear();
  lossChart.clear();
  accuracyChart.clear();
  const opened = new Session(device, (report) => hear(report, why));
  return opened;
}

function restart(device: DeviceName, why = ""): void {
  session.close();
  session = open(device, why);
  classifier.restart();
}

function setPhase(next: Phase, status: string): void {
  phase = next;
  document.body.dataset.phase = next;
  say("state", status);
  runButton.disabled = next === "opening" || next === "failed";
  runButton.textContent = { training: "Pause", paused: "Continue", finished: "Train on" }[next as string] ?? "Start";
}

function hear(report: Report, why: string): void {
  const title = deviceTitles[session.device];
  switch (report.type) {
    case "opened":
      say("device-info", `${title}: ${report.info}`);
      say(
        "data-info",
        `${report.trainImages.toLocaleString("en")} images to learn from, ${report.testImages} of other writers to test on.`,
      );
      setPhase("ready", `${why}Ready on ${title}.`);
      classifier.refresh();
      return;
    case "progress":
      lossChart.append(report.step, report.losses);
      figures.set("step", report.step.toLocaleString("en"));
      figures.set("epoch", report.epoch.toLocaleString("en"));
      figures.set("loss", report.losses[report.losses.length - 1].toFixed(4));
      figures.set("speed", Math.round(report.imagesPerSecond).toLocaleString("en"));
      figures.setMemory(report.memory);
      if (at("device-info", HTMLElement).textContent !== `${title}: ${report.info}`)
        say("device-info", `${title}: ${report.info}`);
      classifier.refresh();
      return;
    case "accuracy":
      accuracyChart.append(report.step, [report.accuracy]);
      figures.set("accuracy", percent(report.accuracy));
      figures.set("epoch", report.epoch.toLocaleString("en"));
      return;
    case "stopped":
      if (report.reason === "paused") setPhase("paused", "Paused.");
      else setPhase("finished", "All epochs are done.");
      classifier.refresh();
      return;
    case "probabilities":
      classifier.answered(report.id, report.probabilities);
      return;
    case "sample":
      pad.show(report.pixels);
      say("pen", `Test image ${report.index + 1}, a ${report.digit}.`);
      return;
    case "failed":
      failed(report.message);
  }
}

/** WebGPU may be refused, or lost in the middle of it: WebAssembly goes on. */
function failed(message: string): void {
  if (session.device === "webgpu") {
    selectDevice("cpu");
    restart("cpu", `WebGPU failed: ${message} Went back to WebAssembly. `);
  } else {
    setPhase("failed", `Training stopped: ${message} Press Reset to begin again.`);
  }
}

function selectDevice(device: DeviceName): void {
  const choice = form.querySelector<HTMLInputElement>(`input[name="device"][value="${device}"]`);
  if (choice) choice.checked = true;
}

function drawn(image: Float32Array<ArrayBuffer> | undefined): void {
  classifier.image = image;
  const context = seen.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, seen.width, seen.width);
  context.fillStyle = getComputedStyle(seen).getPropertyValue("--ink");
  if (image) drawImage(context, seen.width, image);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (phase === "training") {
    session.ask({ type: "pause" });
    return;
  }
  const read = settings.read();
  if (!read) {
    settings.focusWrong();
    return;
  }
  setPhase("training", `Training on ${deviceTitles[session.device]}…`);
  session.ask({ type: "train", settings: read });
});
form.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement && target.name === "device") restart(target.value as DeviceName); // the radios' values
});
at("reset", HTMLButtonElement).addEventListener("click", () => restart(session.device));
at("clear", HTMLButtonElement).addEventListener("click", () => {
  pad.clear();
  say("pen", "Cleared.");
});
at("samples", HTMLElement).addEventListener("click", ({ target }) => {
  if (target instanceof HTMLButtonElement) session.ask({ type: "sample", digit: Number(target.value) });
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn(pad.image));

support = await detectSupport();
if (support.webgpuMissing) {
  say("webgpu-notice", `WebGPU is missing: ${support.webgpuMissing}. Training runs on WebAssembly.`);
  at("device-webgpu", HTMLInputElement).disabled = true;
}
if (support.threadsMissing) {
  say("threads-notice", `WebAssembly runs on one thread: ${support.threadsMissing}.`);
}
