import { imageOf, type Point, type Stroke } from "./digit.ts";

type Image = Float32Array<ArrayBuffer>;

/** The strokes' width as drawn, and a step of the keyboard's pen, in widths of the square. */
const lineWidth = 0.09;
const keyStep = 1 / 32;
const home: Point = { x: 0.5, y: 0.2 };
const clamp = (value: number): number => Math.min(1, Math.max(0, value));

const directions: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** A square to draw a digit on, with a pointer or with the keyboard, or to show one of the set's images. */
export class Pad {
  readonly #canvas: HTMLCanvasElement;
  readonly #changed: (image: Image | undefined) => void;
  readonly #say: (text: string) => void;
  #strokes: Stroke[] = [];
  #sample: Image | undefined;
  #pen: Point = home;
  #penDown = false;
  /** Whether the pen has moved since the space bar went down: then its release lifts the pen. */
  #movedWhileHeld = false;
  #pointer: number | undefined;
  readonly #close: () => void;

  /** @param changed hears of each new image @param say tells keyboard users about the pen */
  constructor(canvas: HTMLCanvasElement, changed: (image: Image | undefined) => void, say: (text: string) => void) {
    this.#canvas = canvas;
    this.#changed = changed;
    this.#say = say;
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#drag(event));
    for (const type of ["pointerup", "pointercancel"] as const) {
      canvas.addEventListener(type, () => {
        this.#pointer = undefined;
      });
    }
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("keyup", (event) => {
      if (event.key === " " && this.#movedWhileHeld) this.#lift();
    });
    canvas.addEventListener("focus", () => this.#draw());
    canvas.addEventListener("blur", () => {
      this.#penDown = false;
      this.#draw();
    });
    const size = new ResizeObserver(() => this.#resize());
    size.observe(canvas);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => this.#draw();
    dark.addEventListener("change", redraw);
    this.#close = () => {
      size.disconnect();
      dark.removeEventListener("change", redraw);
    };
  }

  /** Listens to nothing but its canvas from here on. */
  close(): void {
    this.#close();
  }

  /** The image that is shown, as the network takes it. */
  get image(): Image | undefined {
    return this.#sample ?? imageOf(this.#strokes);
  }

  clear(): void {
    this.#strokes = [];
    this.#sample = undefined;
    this.#pen = home;
    this.#penDown = false;
    this.#update();
  }

  /** Show an image of the set in place of strokes. */
  show(sample: Image): void {
    this.#strokes = [];
    this.#sample = sample;
    this.#penDown = false;
    this.#update();
  }

  #update(): void {
    this.#draw();
    this.#changed(this.image);
  }

  #begin(point: Point): void {
    this.#sample = undefined;
    this.#strokes.push([point]);
    this.#update();
  }

  #extend(points: readonly Point[]): void {
    this.#strokes.push([...(this.#strokes.pop() ?? []), ...points]);
    this.#update();
  }

  #pointOf(event: PointerEvent): Point {
    const box = this.#canvas.getBoundingClientRect();
    return { x: clamp((event.clientX - box.left) / box.width), y: clamp((event.clientY - box.top) / box.height) };
  }

  #press(event: PointerEvent): void {
    this.#say(""); // what was said of an earlier drawing is over
    if (!event.isPrimary || event.button !== 0) return;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#penDown = false;
    this.#begin(this.#pointOf(event));
  }

  #drag(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    const passed = event.getCoalescedEvents();
    this.#extend((passed.length ? passed : [event]).map((each) => this.#pointOf(each)));
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = directions[event.key];
    if (direction) this.#move(direction, event.shiftKey ? 4 : 1);
    else if (event.key === " ") {
      if (!event.repeat) this.#toggle();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.clear();
      this.#say("Cleared.");
    } else return;
    event.preventDefault();
  }

  #move({ x, y }: Point, steps: number): void {
    const { x: fromX, y: fromY } = this.#pen;
    this.#pen = { x: clamp(fromX + x * steps * keyStep), y: clamp(fromY + y * steps * keyStep) };
    this.#movedWhileHeld = true;
    if (this.#penDown) this.#extend([this.#pen]);
    else this.#draw();
  }

  #toggle(): void {
    this.#movedWhileHeld = false;
    if (this.#penDown) {
      this.#lift();
      return;
    }
    this.#penDown = true;
    this.#say("Pen down.");
    this.#begin(this.#pen);
  }

  #lift(): void {
    this.#movedWhileHeld = false;
    if (!this.#penDown) return;
    this.#penDown = false;
    this.#say("Pen up.");
    this.#draw();
  }

  #resize(): void {
    const side = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (side === 0 || side === this.#canvas.width) return;
    this.#canvas.width = this.#canvas.height = side;
    this.#draw();
  }

  #draw(): void {
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    const { width: side } = this.#canvas;
    const style = getComputedStyle(this.#canvas);
    context.clearRect(0, 0, side, side);
    context.fillStyle = context.strokeStyle = style.getPropertyValue("--ink");
    if (this.#sample) drawImage(context, side, this.#sample);
    context.lineWidth = lineWidth * side;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of this.#strokes) {
      context.beginPath();
      context.moveTo(stroke[0].x * side, stroke[0].y * side);
      for (const { x, y } of stroke) context.lineTo(x * side, y * side);
      context.stroke();
    }
    if (this.#canvas.matches(":focus-visible")) this.#drawPen(context, style.getPropertyValue("--accent"));
  }

  #drawPen(context: CanvasRenderingContext2D, color: string): void {
    const { width: side } = this.#canvas;
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = 2 * devicePixelRatio;
    context.beginPath();
    context.arc(this.#pen.x * side, this.#pen.y * side, (lineWidth / 2) * side, 0, 2 * Math.PI);
    if (this.#penDown) context.fill();
    context.stroke();
  }
}

/** Draw 8x8 pixels in 0..1 in the context's fill colour. */
export function drawImage(context: CanvasRenderingContext2D, side: number, image: Image): void {
  const cells = 8;
  const cell = side / cells;
  image.forEach((ink, i) => {
    context.globalAlpha = ink;
    context.fillRect((i % cells) * cell, Math.floor(i / cells) * cell, cell, cell);
  });
  context.globalAlpha = 1;
}
