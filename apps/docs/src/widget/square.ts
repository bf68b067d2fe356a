// A square that the reader draws on for a program.
import { Pad } from "@flambeau/app-playground/pad";

export interface Square {
  readonly element: HTMLElement;
  remove(): void;
}

let made = 0;

/** @param drawn hears of the drawing whenever it changes: 8x8 pixels as those of the digits set */
export function createSquare(title: string, drawn: (pixels: Float32Array) => void): Square {
  const name = `square-${++made}`;
  const figure = document.createElement("figure");
  figure.className = "square";
  const caption = document.createElement("figcaption");
  caption.id = name;
  caption.textContent = title.slice(0, 200);
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application"); // it takes the arrow keys itself
  canvas.setAttribute("aria-labelledby", name);
  canvas.setAttribute("aria-describedby", `${name}-help`);
  const clear = document.createElement("button");
  clear.type = "button";
  clear.textContent = "Clear";
  const pen = document.createElement("span");
  pen.setAttribute("role", "status");
  const help = document.createElement("p");
  help.id = `${name}-help`;
  help.textContent =
    "With the mouse, a finger or a pen. With the keyboard: arrow keys move the pen, Space puts it down or lifts it, Delete clears.";
  figure.append(caption, canvas, clear, pen, help);
  const pad = new Pad(
    canvas,
    (image) => {
      if (image) drawn(image);
    },
    (text) => {
      pen.textContent = text;
    },
  );
  clear.onclick = () => {
    pad.clear();
    canvas.focus();
  };
  return {
    element: figure,
    remove() {
      pad.close();
      figure.remove();
    },
  };
}
