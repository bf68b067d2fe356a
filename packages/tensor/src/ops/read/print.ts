import { context } from "../../core/context.ts";
import { isFloat, type TypedArray } from "../../core/dtype.ts";
import { showShape } from "../../core/errors.ts";
import { describeLifted } from "../../core/lifted.ts";
import { noGrad } from "../../core/modes.ts";
import { type Kinds, number, withDefaults } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { contiguousStrides } from "../../layout/shapes.ts";
import { data, dataSync, decode } from "../../lower/host.ts";
import { tidy } from "../../memory/tidy.ts";
import { detach } from "../create/copy.ts";
import { cat } from "../shape/joining.ts";
import { narrow } from "../shape/view.ts";

/** How tensors are written as text. */
export interface PrintOptions {
  /** Digits after the point (default 4). */
  readonly precision?: number | undefined;
  /** Elements above which only the edges are shown (default 1000). */
  readonly threshold?: number | undefined;
  /** Elements shown at each edge (default 3). */
  readonly edgeItems?: number | undefined;
  /** Characters in a line, after which it is broken (default 80). */
  readonly lineWidth?: number | undefined;
}
const printKinds: Kinds<PrintOptions> = { precision: number, threshold: number, edgeItems: number, lineWidth: number };
let options: Required<PrintOptions> = { precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80 };
/**
 * Sets how {@link print} writes tensors, for all that follow: `options = { ...options, ...change }`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.set_printoptions.html
 * @example
 * setPrintOptions({ precision: 2 });
 * print(tensor([1 / 3])); // tensor([0.33])
 * setPrintOptions({ precision: 4 });
 */
export function setPrintOptions(change: PrintOptions): void {
  options = withDefaults<Required<PrintOptions>>("setPrintOptions", printKinds, options, change);
}

type Formatter = (value: number | boolean | bigint) => string;

/** One format for all shown elements, chosen as PyTorch does: integers with a point, fixed or scientific, one width. */
function formatter(values: readonly (number | boolean | bigint)[], float: boolean): Formatter {
  if (!float) {
    const width = values.reduce<number>((w, v) => Math.max(w, String(v).length), 0);
    return (v) => String(v).padStart(width);
  }
  const numbers = values as readonly number[]; // floats decode to numbers
  const counted = numbers.filter((v) => Number.isFinite(v) && v !== 0);
  const sizes = counted.map(Math.abs);
  const max = sizes.reduce((a, b) => Math.max(a, b), 0);
  const min = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const whole = counted.every(Number.isInteger);
  const scientific = counted.length > 0 && (max / min > 1000 || max > 1e8 || (!whole && min < 1e-4));
  const show = (v: number): string => {
    if (!Number.isFinite(v)) return Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf";
    const sign = Object.is(v, -0) ? "-" : "";
    if (scientific) return sign + exponent(v.toExponential(options.precision));
    return sign + (whole ? `${v.toFixed(0)}.` : v.toFixed(options.precision));
  };
  const width = counted.reduce((w, v) => Math.max(w, show(v).length), 0);
  return (v) => show(v as number).padStart(width); // as above
}
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");

function nested(values: readonly string[], shape: readonly number[], indent: number, cut: readonly boolean[]): string {
  const strides = contiguousStrides(shape);
  const edge = options.edgeItems;
  const write = (dim: number, start: number, depth: number): string => {
    if (dim === shape.length) return values[start];
    const items: string[] = [];
    for (let i = 0; i < shape[dim]; i++) {
      if (cut[dim] && i === edge) items.push(dim === shape.length - 1 ? " ..." : "...");
      items.push(write(dim + 1, start + i * strides[dim], depth + 1));
    }
    if (dim < shape.length - 1)
      return `[${items.join(`,${"\n".repeat(shape.length - 1 - dim)}${" ".repeat(indent + depth + 1)}`)}]`;
    const perLine = Math.max(1, Math.floor((options.lineWidth - indent - depth) / ((values[0]?.length ?? 0) + 2)));
    const lines: string[] = [];
    for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(", "));
    return `[${lines.join(`,\n${" ".repeat(indent + depth + 1)}`)}]`;
  };
  return write(0, 0, 0);
}

/** Only the edges of large dimensions, and which dimensions were cut. */
function summary(x: Tensor): { shown: Tensor; cut: boolean[] } {
  const cut = x.shape.map((s) => x.size > options.threshold && s > 2 * options.edgeItems);
  let shown = x;
  cut.forEach((c, d) => {
    if (c)
      shown = cat(
        [
          narrow(shown, d, 0, options.edgeItems),
          narrow(shown, d, shown.shape[d] - options.edgeItems, options.edgeItems),
        ],
        d,
      );
  });
  return { shown, cut };
}

/** The dtype, device and graph of a tensor, as far as they are not the default. */
function notesOf(x: Tensor): string[] {
  const notes: string[] = [];
  if (x.size === 0 && x.ndim !== 1) notes.push(`size=${showShape(x.shape)}`);
  const plain = x.dtype === context.defaultDType || x.dtype === "int32" || x.dtype === "bool";
  if (!plain || (x.size === 0 && x.dtype !== context.defaultDType)) notes.push(`dtype=${x.dtype}`);
  if (x.device !== "cpu") notes.push(`device="${x.device}"`);
  if (x.gradFn) notes.push(`gradFn=<${x.gradFn.name}>`);
  else if (x.requiresGrad) notes.push("requiresGrad=true");
  return notes;
}
/** The elements to show, fit for one read, and how to write them. */
function layOut(x: Tensor): { shown: Tensor; write: (raw: TypedArray) => string } {
  const [notes, float, dtype] = [notesOf(x), isFloat(x.dtype), x.dtype];
  const tail = notes.length > 0 ? `, ${notes.join(", ")})` : ")";
  const { shown, cut } = summary(detach(x));
  const shape = shown.shape;
  const write = (raw: TypedArray): string => {
    const values = decode(raw, dtype);
    return `tensor(${nested(values.map(formatter(values, float)), shape, "tensor(".length, cut)}${tail}`;
  };
  return { shown, write };
}
/** What can be said of a tensor without reading it, or null where its values are wanted. */
function unread(x: Tensor, readable: boolean): string | null {
  if (x.disposed) return `tensor(<disposed> ${showShape(x.shape)}, dtype=${x.dtype})`;
  const lifted = describeLifted(x);
  if (lifted !== null) return lifted;
  if (x.size === 0) {
    const notes = notesOf(x);
    return `tensor(${["[]", ...notes].join(", ")})`;
  }
  if (readable) return null;
  const notes = notesOf(x).filter((note) => !note.startsWith("dtype="));
  return `tensor(${[`<${showShape(x.shape)}: await x.toStringAsync()>`, `dtype=${x.dtype}`, ...notes].join(", ")})`;
}

/**
 * The tensor as PyTorch prints it: `tensor([[1., 2.], [3., 4.]])`, with what is not the default behind the numbers. Without the numbers
 * where the device cannot be read synchronously; {@link printAsync} waits for them. Inside `vmap`, where a tensor stands for all samples at
 * once, it says so.
 *
 * Shape: any; of large tensors only the edges are written. Dtype: any.
 *
 * @throws RangeError when {@link setPrintOptions} was given a precision that is not from 0 to 100.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.set_printoptions.html
 * @example
 * print(tensor([1, 2.5])); // tensor([1.0000, 2.5000])
 * print(tensor([1, 2], { dtype: "int16" })); // tensor([1, 2], dtype=int16)
 * print(arange(2000)); // tensor([   0,    1,    2,  ..., 1997, 1998, 1999])
 */
export const print = (x: Tensor): string => {
  checkTensor("print", "x", x);
  return (
    unread(x, x.backend.readSync !== undefined) ??
    tidy(() =>
      noGrad(() => {
        const { shown, write } = layOut(x);
        return write(dataSync(shown));
      }),
    )
  );
};

/**
 * {@link print} that waits for the device: gives the numbers on every backend.
 *
 * @throws DataDependentError for a tensor on "meta", which has none.
 * @example
 * await printAsync(tensor([1, 2.5])); // tensor([1.0000, 2.5000])
 */
export async function printAsync(x: Tensor): Promise<string> {
  checkTensor("printAsync", "x", x);
  const short = unread(x, true);
  if (short !== null) return short;
  const { shown, write } = tidy(() => noGrad(() => layOut(x)));
  try {
    return write(await data(shown));
  } finally {
    shown.dispose();
  }
}
