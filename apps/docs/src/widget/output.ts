// What a program prints and shows, below it.
import type { Picture } from "../../examples/show.ts";
import { draw } from "./picture.ts";

/** A page with more lines than this is slow, and nobody reads them. */
const mostLines = 1000;

export interface Output {
  clear(): void;
  print(text: string, level: "log" | "warn" | "error"): void;
  show(picture: Picture): void;
}

export function createOutput(pictures: HTMLElement, lines: HTMLElement): Output {
  const shown = new Map<string, HTMLElement>();
  const waiting = new Map<string, Picture>();
  const printed: HTMLElement[] = [];
  let due = 0;

  // a program may report faster than a screen shows: what came in between is drawn once
  const flush = (): void => {
    due = 0;
    lines.append(...printed.splice(0));
    while (lines.childElementCount > mostLines) lines.firstElementChild?.remove();
    lines.hidden = !lines.childElementCount;
    lines.scrollTop = lines.scrollHeight;
    for (const [title, picture] of waiting) {
      const figure = draw(picture);
      const before = shown.get(title);
      if (before) before.replaceWith(figure);
      else pictures.append(figure);
      shown.set(title, figure);
    }
    waiting.clear();
  };
  const later = (): void => {
    due ||= requestAnimationFrame(flush);
  };
  return {
    clear() {
      cancelAnimationFrame(due);
      due = 0;
      printed.length = 0;
      waiting.clear();
      shown.clear();
      pictures.replaceChildren();
      lines.replaceChildren();
      lines.hidden = true;
    },
    print(text, level) {
      const line = document.createElement("div");
      line.className = level;
      line.textContent = text.slice(0, 20_000);
      printed.push(line);
      if (printed.length > mostLines) printed.shift();
      later();
    },
    show(picture) {
      const title = String(picture.title);
      if (shown.size < 32 || shown.has(title)) waiting.set(title, picture);
      later();
    },
  };
}
