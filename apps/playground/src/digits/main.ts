import { at, say } from "../page/elements.ts";
import { trainingFields } from "../page/settings.ts";
import { TrainingPage } from "../page/training-page.ts";
import { Classifier } from "./classifier.ts";
import { drawImage, Pad } from "./pad.ts";
import { Probabilities } from "./probabilities.ts";
import type { Report, Request } from "./protocol.ts";

/** The images of the training set. */
const trainImages = 1437;

const probabilities = new Probabilities(at("probabilities", HTMLElement), at("verdict", HTMLElement));
const classifier = new Classifier(
  (request) => page.ask(request),
  (values) => probabilities.show(values),
);
const seen = at("seen", HTMLCanvasElement);
const pad = new Pad(at("pad", HTMLCanvasElement), drawn, (text) => say("pen", text));
const page = new TrainingPage<Request, Report>({
  worker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "training" }),
  fields: trainingFields(trainImages, "epochs"),
  measure: {
    label: "Test accuracy",
    color: "--good",
    range: [0, 1],
    format: (value) => `${Math.round(value * 100)} %`,
    figure: (share) => `${(share * 100).toFixed(1)} %`,
  },
  finished: "All epochs are done.",
  hear(report) {
    if (report.type === "probabilities") {
      classifier.answered(report.id, report.probabilities);
      return;
    }
    pad.show(report.pixels);
    say("pen", `Test image ${report.index + 1}, a ${report.digit}.`);
  },
  changed: () => classifier.refresh(),
  restarted: () => classifier.restart(),
});

function drawn(image: Float32Array<ArrayBuffer> | undefined): void {
  classifier.image = image;
  const context = seen.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, seen.width, seen.width);
  context.fillStyle = getComputedStyle(seen).getPropertyValue("--ink");
  if (image) drawImage(context, seen.width, image);
}

at("clear", HTMLButtonElement).addEventListener("click", () => {
  pad.clear();
  say("pen", "Cleared.");
});
at("samples", HTMLElement).addEventListener("click", ({ target }) => {
  if (target instanceof HTMLButtonElement) page.ask({ type: "sample", digit: Number(target.value) });
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn(pad.image));
