/** A grey image: brightness 0..1, row after row. */
export interface Picture {
  readonly pixels: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

const ramp = " .:-=+*#%@";

/** The lines of a picture for a terminal, two rows of pixels to a line: half blocks in shades of grey, or characters of rising weight. */
export function drawPicture({ pixels, width, height }: Picture, color: boolean): string[] {
  const at = (x: number, y: number) => (y < height ? Math.min(1, Math.max(0, pixels[y * width + x])) : 0);
  return Array.from({ length: Math.ceil(height / 2) }, (_, line) => {
    const cells = Array.from({ length: width }, (_, x) => {
      const [upper, lower] = [at(x, 2 * line), at(x, 2 * line + 1)];
      if (color) return `\x1b[38;5;${shade(upper)};48;5;${shade(lower)}m▀`;
      return ramp[Math.round(((upper + lower) / 2) * (ramp.length - 1))];
    });
    return cells.join("") + (color ? "\x1b[0m" : "");
  });
}

/** One of the 24 greys of the 256-colour palette. */
const shade = (brightness: number): number => 232 + Math.round(brightness * 23);

/** Pictures side by side with a caption below each, in as many rows as `columns` make necessary. */
export function drawGallery(
  items: readonly { readonly picture: Picture; readonly caption: readonly string[] }[],
  options: { columns: number; color: boolean },
): string[] {
  const gap = 2;
  const cellWidth = ({ picture, caption }: (typeof items)[number]) =>
    Math.max(picture.width, ...caption.map((text) => text.length));
  const width = Math.max(...items.map(cellWidth));
  const perRow = Math.max(1, Math.floor((options.columns + gap) / (width + gap)));
  const lines: string[] = [];
  for (let from = 0; from < items.length; from += perRow) {
    const row = items
      .slice(from, from + perRow)
      .map(({ picture, caption }) => [
        ...drawPicture(picture, options.color).map((line) => line + " ".repeat(width - picture.width)),
        ...caption.map((text) => text.padEnd(width)),
      ]);
    const height = Math.max(...row.map((cell) => cell.length));
    for (let y = 0; y < height; y++)
      lines.push(
        row
          .map((cell) => cell[y] ?? " ".repeat(width))
          .join(" ".repeat(gap))
          .trimEnd(),
      );
    lines.push("");
  }
  return lines;
}
