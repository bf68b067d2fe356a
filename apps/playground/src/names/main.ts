import { at, say } from "../page/elements.ts";
import { type Field, FieldsForm, markField, trainingFields } from "../page/settings.ts";
import { TrainingPage } from "../page/training-page.ts";
import type { MadeUp, Report, Request, Wish } from "./protocol.ts";

/** The names of the training set. */
const trainNames = 7958;
const wishFields: readonly Field<"temperature">[] = [
  { name: "temperature", min: 0.1, max: 5, integer: false, what: "The temperature" },
];
const longestPrefix = 15;

let id = 0;
const list = at("names", HTMLElement);
const form = at("wish", HTMLFormElement);
const prefix = at("prefix", HTMLInputElement);
const makeUp = at("make-up", HTMLButtonElement);

const page = new TrainingPage<Request, Report>({
  worker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "training" }),
  fields: trainingFields(trainNames, "epochs"),
  measure: {
    label: "Validation loss",
    color: "--good",
    range: [0, null],
    format: (value) => value.toFixed(2),
    figure: (loss) => loss.toFixed(3),
  },
  finished: "All epochs are done.",
  hear(report) {
    if (report.id !== id) return; // made up for an older wish
    show(report.names);
    const fresh = report.names.filter(({ origin }) => origin === "new").length;
    const after = report.step === 0 ? "before it learned" : `after ${report.step.toLocaleString("en")} steps`;
    say("caption", `Made up ${after}: ${fresh} of ${report.names.length} are new`);
  },
  restarted() {
    list.replaceChildren();
    say("caption", "Nothing made up yet");
  },
  phase(phase) {
    makeUp.disabled = phase === "opening" || phase === "failed";
    // a fresh network knows of no wish
    if (phase === "ready") queueMicrotask(ask);
  },
});

const wish = new FieldsForm(form, wishFields, () => ask());

/** What names shall begin with; undefined, and said, when none can. */
function beginning(): string | undefined {
  const letters = prefix.value.trim().toLowerCase();
  const good = /^[-a-z]*$/.test(letters) && letters.length <= longestPrefix;
  markField(prefix, good ? "" : `A beginning has at most ${longestPrefix} letters from a to z and "-".`);
  return good ? letters : undefined;
}

function ask(): void {
  const [values, letters] = [wish.read(), beginning()];
  if (!values || letters === undefined) return;
  const chosen = new FormData(form).get("kind");
  const kind = chosen === "female" || chosen === "male" ? chosen : undefined;
  const asked: Wish = { prefix: letters, kind, ...values };
  page.ask({ type: "wish", wish: asked, id: ++id });
}

function show(names: readonly MadeUp[]): void {
  list.replaceChildren(
    ...names.map(({ name, origin }) => {
      const row = document.createElement("li");
      const written = document.createElement("span");
      written.textContent = name;
      const from = document.createElement("small");
      from.textContent = origin;
      row.className = origin.replace(" ", "-");
      row.append(written, from);
      return row;
    }),
  );
}

// said while it is typed: a message that comes with the click on the button would move the button away from it
prefix.addEventListener("input", beginning);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
  form.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
});
form.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement && target.name !== "temperature") ask();
});
