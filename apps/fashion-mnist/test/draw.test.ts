import { describe, expect, it } from "vitest";
import { drawGallery, drawPicture } from "../src/draw.ts";

describe("drawPicture", () => {
  const picture = { pixels: [0, 1, 0.5, 1, 1, 0], width: 2, height: 3 };

  it("takes two rows to a line of characters, heavier where it is brighter", () => {
    // (0 + 0.5) / 2, (1 + 1) / 2; then a last row alone: (1 + 0) / 2, 0
    expect(drawPicture(picture, false)).toEqual([":@", "+ "]);
  });

  it("uses the upper half block with the greys of both rows on a terminal", () => {
    expect(drawPicture({ pixels: [0, 1], width: 1, height: 2 }, true)).toEqual(["\x1b[38;5;232;48;5;255m▀\x1b[0m"]);
  });
});

describe("drawGallery", () => {
  const item = (name: string) => ({ picture: { pixels: [1, 1, 1, 1], width: 2, height: 2 }, caption: [name] });

  it("breaks rows at the width of the terminal", () => {
    const lines = drawGallery([item("bag"), item("coat"), item("shirt")], { columns: 12, color: false });
    expect(lines).toEqual(["@@     @@", "bag    coat", "", "@@", "shirt", ""]);
  });
});
