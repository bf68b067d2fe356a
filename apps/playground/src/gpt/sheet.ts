/** The text that is being written: the prompt, marked, and what follows it. */
export class Sheet {
  readonly #element: HTMLElement;
  #written: Text | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  begin(prompt: string): void {
    const given = document.createElement("b");
    given.textContent = prompt;
    this.#written = document.createTextNode("");
    this.#element.replaceChildren(given, this.#written);
  }

  append(text: string): void {
    this.#written?.appendData(text);
    // the newest line stays in sight
    this.#element.scrollTop = this.#element.scrollHeight;
  }

  clear(): void {
    this.#written = undefined;
    this.#element.replaceChildren();
  }
}
