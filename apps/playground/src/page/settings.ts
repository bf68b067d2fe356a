import type { Settings } from "../protocol.ts";

interface Field {
  readonly name: keyof Settings;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  readonly what: string;
}

/** What each setting may be. */
export const fields: readonly Field[] = [
  { name: "learningRate", min: 1e-6, max: 1, integer: false, what: "The learning rate" },
  { name: "batchSize", min: 1, max: 1437, integer: true, what: "The batch size" },
  { name: "epochs", min: 1, max: 10_000, integer: true, what: "The number of epochs" },
];

/** The number that a field's text means, or a sentence that says what is wrong with it. */
export function parseField({ min, max, integer, what }: Field, text: string): number | string {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const kind = integer ? "a whole number" : "a number";
  const good = value >= min && value <= max && (!integer || Number.isInteger(value));
  return good ? value : `${what} must be ${kind} from ${min} to ${max.toLocaleString("en")}.`;
}

/** The form's settings; wrong fields are marked and explained, and there are none as long as one is wrong. */
export class SettingsForm {
  readonly #form: HTMLFormElement;

  /** @param changed is called with good settings whenever a field was changed */
  constructor(form: HTMLFormElement, changed: (settings: Settings) => void) {
    this.#form = form;
    form.addEventListener("change", (event) => {
      if (!fields.some(({ name }) => name === (event.target as HTMLInputElement).name)) return; // a form holds fields
      const settings = this.read();
      if (settings) changed(settings);
    });
    // a message goes as soon as its field is right: if it went with the click on Start, the button would move away from it
    form.addEventListener("input", ({ target }) => {
      if (target instanceof HTMLInputElement && target.ariaInvalid === "true") this.read();
    });
  }

  /** Read all fields and show what is wrong with them. */
  read(): Settings | undefined {
    const values = fields.map((field): [string, number | undefined] => {
      const input = this.#form.elements.namedItem(field.name) as HTMLInputElement; // the page has one of each name
      const value = parseField(field, input.value);
      const wrong = typeof value === "string";
      const message = document.getElementById(`${field.name}-error`);
      if (message) message.textContent = wrong ? value : "";
      input.ariaInvalid = String(wrong);
      return [field.name, wrong ? undefined : value];
    });
    if (values.some(([, value]) => value === undefined)) return undefined;
    return Object.fromEntries(values) as unknown as Settings; // `fields` names each of its keys
  }

  /** Move the focus to the first wrong field. */
  focusWrong(): void {
    this.#form.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }
}
