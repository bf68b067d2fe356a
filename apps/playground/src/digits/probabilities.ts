const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Bars of the ten digits' probabilities and a sentence with the likeliest. */
export class Probabilities {
  readonly #rows: HTMLLIElement[];
  readonly #verdict: HTMLElement;

  constructor(list: HTMLElement, verdict: HTMLElement) {
    this.#verdict = verdict;
    this.#rows = Array.from({ length: 10 }, (_, digit) => {
      const row = document.createElement("li");
      const [name, bar, share] = ["name", "bar", "share"].map((kind) => {
        const part = document.createElement("span");
        part.className = kind;
        return part;
      });
      name.textContent = String(digit);
      bar.ariaHidden = "true";
      row.append(name, bar, share);
      list.append(row);
      return row;
    });
    this.show(undefined);
  }

  /** @param probabilities ten of them; undefined when there is nothing to classify */
  show(probabilities: ArrayLike<number> | undefined): void {
    const values = Array.from(probabilities ?? []);
    const best = values.length ? values.indexOf(Math.max(...values)) : -1;
    this.#rows.forEach((row, digit) => {
      const value = values[digit] ?? 0;
      row.style.setProperty("--share", String(value));
      row.classList.toggle("best", digit === best);
      row.children[2].textContent = values.length ? percent(value) : "–";
    });
    // screen readers speak each change: of the digit, not of every percent
    const text = best < 0 ? "Nothing drawn yet." : `Reads as ${best}.`;
    if (this.#verdict.textContent !== text) this.#verdict.textContent = text;
  }
}
