// What a program prints and shows, below it.
import type { Picture } from "../../examples/show.ts";
import { draw } from "./picture.ts";
import { createSquare, type Square } from "./square.ts";

/** A page with more lines than this is slow, and nobody reads them. */
const mostLines = 1000;

export interface Output {
  clear(): void;
  print(text: string, level: "log" | "warn" | "error"): void;
  show(picture: Picture): void;
  /** Puts a square to draw on among the pictures. @param drawn hears of what is on it, whenever that changes */
  square(title: string, drawn: (pixels: Float32Array) => void): void;
  /** The program has ended: nobody looks at what is drawn. */
  end(): void;
}

export function createOutput(pictures: HTMLElement, lines: HTMLElement): Output {
  const shown = new Map<string, HTMLElement>();
  const waiting = new Map<string, Picture>();
  const printed: HTMLElement[] = [];
  let due = 0;
  let square: Square | undefined;

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
  const end = (): void => {
    square?.remove();
    square = undefined;
  };
  return {
    end,
    square(title, drawn) {
      end(); // one at a time
      square = createSquare(title, drawn);
      pictures.prepend(square.element);
    },
    clear() {
      end();
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
