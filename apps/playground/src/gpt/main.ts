import { at, say } from "../page/elements.ts";
import { type Field, FieldsForm, markField, trainingFields } from "../page/settings.ts";
import { TrainingPage } from "../page/training-page.ts";
import type { Report, Request } from "./protocol.ts";
import { Sheet } from "./sheet.ts";

const wishFields: readonly Field<"temperature">[] = [
  { name: "temperature", min: 0.1, max: 5, integer: false, what: "The temperature" },
];

const sheet = new Sheet(at("text", HTMLElement));
const prompt = at("prompt", HTMLInputElement);
const write = at("write", HTMLButtonElement);
let training = false;
let writing = false;

const page = new TrainingPage<Request, Report>({
  worker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "training" }),
  fields: trainingFields(256, "rounds"),
  measure: {
    label: "Validation loss",
    color: "--good",
    range: [0, null],
    format: (value) => value.toFixed(2),
    figure: (loss) => loss.toFixed(3),
  },
  finished: "All rounds are done.",
  hear(report) {
    switch (report.type) {
      case "begins":
        writing = true;
        sheet.begin(report.prompt);
        say("caption", `Written after ${report.step.toLocaleString("en")} steps`);
        break;
      case "text":
        sheet.append(report.text);
        return;
      case "ends":
        writing = false;
        break;
      case "refused":
        markField(prompt, report.message);
        return;
    }
    showButton();
  },
  restarted() {
    writing = false;
    sheet.clear();
    say("caption", "Nothing written yet");
    showButton();
  },
  phase(phase) {
    training = phase === "training";
    if (training) ask(false);
    write.disabled = phase === "opening" || phase === "failed";
    showButton();
  },
});

/** While it learns the wish is for the texts to come; otherwise a text is written at once, and may be ended. */
function showButton(): void {
  write.textContent = training ? "Use from now on" : writing ? "Stop" : "Write";
}

const form = at("wish", HTMLFormElement);
const wish = new FieldsForm(form, wishFields, () => {});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (writing && !training) {
    page.ask({ type: "hush" });
    return;
  }
  if (!ask(!training)) wish.focusWrong();
});

function ask(now: boolean): boolean {
  const values = wish.read();
  if (!values) return false;
  markField(prompt, "");
  page.ask({ type: "wish", wish: { prompt: prompt.value, ...values }, now });
  return true;
}
