// Pictures that are lists: images, bars; and texts.
import type { Bar, Tile } from "../../examples/show.ts";
import { many, numbers, text } from "./untrusted.ts";

export function tiles(given: readonly Tile[]): HTMLElement {
  const list = document.createElement("ul");
  list.className = "tiles";
  for (const tile of many(given).slice(0, 64)) {
    const { rows, label } = Object(tile) as Partial<Tile>;
    const item = document.createElement("li");
    item.append(
      image(
        (Array.isArray(rows) ? rows.slice(0, 256) : []).map((row) => numbers(row).slice(0, 256)),
        text(label),
      ),
    );
    if (label) item.append(text(label));
    list.append(item);
  }
  return list;
}

function image(rows: number[][], label: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label || "an image");
  canvas.width = rows[0]?.length ?? 0;
  canvas.height = rows.length;
  canvas.classList.toggle("large", canvas.width > 32);
  const context = canvas.getContext("2d");
  if (!context || !canvas.width || !canvas.height) return canvas;
  const pixels = context.createImageData(canvas.width, canvas.height);
  rows.flat().forEach((value, i) => {
    const gray = 255 * (1 - Math.min(Math.max(value, 0), 1));
    pixels.data.set([gray, gray, gray, 255], 4 * i);
  });
  context.putImageData(pixels, 0, 0);
  return canvas;
}

export function bars(given: readonly Bar[]): HTMLElement {
  const list = document.createElement("ul");
  list.className = "bars";
  const all = many(given).map((each) => {
    const { name, value } = Object(each) as Partial<Bar>;
    return { name: text(name), value: Number(value) };
  });
  const most = all.reduce((longest, { value }) => Math.max(longest, value || 0), 1);
  for (const { name, value } of all) {
    const item = document.createElement("li");
    const bar = document.createElement("span");
    bar.className = "length";
    bar.style.setProperty("--share", String(Math.max(value || 0, 0) / most));
    item.append(name, bar, Number.isFinite(value) ? value.toFixed(2) : "no number");
    list.append(item);
  }
  return list;
}

export function written(given: string): HTMLElement {
  const paragraph = document.createElement("p");
  paragraph.className = "written";
  paragraph.textContent = String(given).slice(0, 20_000);
  return paragraph;
}
