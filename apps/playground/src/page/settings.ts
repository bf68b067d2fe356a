import type { Settings } from "../training/protocol.ts";

/** What a setting may be. */
export interface Field<Name extends string = string> {
  readonly name: Name;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  readonly what: string;
}

/** What each page lets its visitor set, up to the batch size that its data allow. */
export const trainingFields = (mostInBatch: number, epochs: string): readonly Field<keyof Settings>[] => [
  { name: "learningRate", min: 1e-6, max: 1, integer: false, what: "The learning rate" },
  { name: "batchSize", min: 1, max: mostInBatch, integer: true, what: "The batch size" },
  { name: "epochs", min: 1, max: 10_000, integer: true, what: `The number of ${epochs}` },
];

/** The number that a field's text means, or a sentence that says what is wrong with it. */
export function parseField({ min, max, integer, what }: Field, text: string): number | string {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const kind = integer ? "a whole number" : "a number";
  const good = value >= min && value <= max && (!integer || Number.isInteger(value));
  return good ? value : `${what} must be ${kind} from ${min} to ${max.toLocaleString("en")}.`;
}

/** The numbers of a form's fields; wrong fields are marked and explained, and there are none as long as one is wrong. */
export class FieldsForm<Name extends string> {
  readonly #form: HTMLFormElement;
  readonly #fields: readonly Field<Name>[];

  /** @param changed is called with good values whenever a field was changed */
  constructor(
    form: HTMLFormElement,
    fields: readonly Field<Name>[],
    changed: (values: Readonly<Record<Name, number>>) => void,
  ) {
    this.#form = form;
    this.#fields = fields;
    form.addEventListener("change", (event) => {
      if (!fields.some(({ name }) => name === (event.target as HTMLInputElement).name)) return; // a form holds fields
      const values = this.read();
      if (values) changed(values);
    });
    // a message goes as soon as its field is right: if it went with the click on Start, the button would move away from it
    form.addEventListener("input", ({ target }) => {
      if (target instanceof HTMLInputElement && target.ariaInvalid === "true") this.read();
    });
  }

  /** Read all fields and show what is wrong with them. */
  read(): Readonly<Record<Name, number>> | undefined {
    const values = this.#fields.map((field): [string, number | undefined] => {
      const input = this.#form.elements.namedItem(field.name) as HTMLInputElement; // the page has one of each name
      const value = parseField(field, input.value);
      const wrong = typeof value === "string";
      markField(input, wrong ? value : "");
      return [field.name, wrong ? undefined : value];
    });
    if (values.some(([, value]) => value === undefined)) return undefined;
    return Object.fromEntries(values) as Record<Name, number>; // the fields name each of its keys
  }

  /** Move the focus to the first wrong field. */
  focusWrong(): void {
    this.#form.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }
}

/** Say what is wrong with a field, or with "" that nothing is. */
export function markField(input: HTMLInputElement, message: string): void {
  const place = document.getElementById(`${input.id}-error`);
  if (place) place.textContent = message;
  input.ariaInvalid = String(message !== "");
}
