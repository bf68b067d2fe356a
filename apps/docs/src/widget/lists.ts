// Pictures that are lists of bars, and texts.
import type { Bar } from "../../examples/show.ts";
import { many, text } from "./untrusted.ts";

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
