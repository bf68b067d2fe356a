/** How Jupyter's kernels (Deno's among them) and Observable ask a value to show itself. */
const display: unique symbol = Symbol.for("Jupyter.display") as never; // a key has one type

/** A picture as SVG text: write it into a file or into a page. In a notebook it shows itself. */
export class Plot {
  /** What it shows, in a few words. */
  readonly title: string;
  /** The element, of a size of its own; a style sheet may give it another. */
  readonly svg: string;
  constructor(title: string, svg: string) {
    this.title = title;
    this.svg = svg;
  }
  /** The SVG text. */
  toString(): string {
    return this.svg;
  }
  [display](): Readonly<Record<string, string>> {
    return { "image/svg+xml": this.svg, "text/plain": `Plot(${this.title})` };
  }
}
