/** A value between a module's parentheses; `undefined` is left out, a string stands as it is. */
type Shown = number | boolean | string | null | undefined | readonly (number | null)[];

/**
 * Arguments as PyTorch prints them: `shown(4, 8, { kernelSize: [3], eps: 1e-5, bias: false })` is
 * "4, 8, kernel_size=(3,), eps=1e-05, bias=False".
 */
export const shown = (...parts: readonly (Shown | Readonly<Record<string, Shown>>)[]): string =>
  parts.flatMap((part) => (isNamed(part) ? named(part) : part === undefined ? [] : [python(part)])).join(", ");

/** A number that is a float in PyTorch: `real(1)` is "1.0". */
export const real = (x: number | null): string => (Number.isInteger(x) ? `${x}.0` : python(x));
export const quoted = (text: string): string => `'${text}'`;

/** What layers that normalize by statistics of a batch or an example print. */
export const shownStatistics = ({ numFeatures, eps, momentum, weight, bias, runningMean }: Statistics): string =>
  shown(numFeatures, {
    eps: real(eps),
    momentum: real(momentum),
    affine: weight !== null,
    bias: bias !== null,
    trackRunningStats: runningMean !== null,
  });
interface Statistics {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly weight: object | null;
  readonly bias: object | null;
  readonly runningMean: object | null;
}

const isNamed = (part: Shown | Readonly<Record<string, Shown>>): part is Readonly<Record<string, Shown>> =>
  typeof part === "object" && part !== null && !Array.isArray(part);
const named = (arguments_: Readonly<Record<string, Shown>>): string[] =>
  Object.entries(arguments_)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=${python(value)}`);

/** A value as Python writes it. */
function python(value: Shown): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return value;
  if (typeof value === "object")
    return value.length === 1 ? `(${python(value[0])},)` : `(${value.map(python).join(", ")})`;
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  // from 1e-4 down Python writes an exponent, of two digits
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential().replace(/e-(\d)$/, "e-0$1");
  return String(value);
}

/** What is printed of a module. */
interface Printed {
  namedChildren(): Iterable<readonly [name: string, child: { toString(): string }]>;
  extraRepr(): string;
}
const printing = new Set<Printed>();
/** Whether a module is being printed: what it computes then is looked at, and no step of anything. */
export const isPrinting = (): boolean => printing.size > 0;

/** A module and what is below it, as PyTorch prints them: equal neighbours of a list on one line. One that contains itself ends there. */
export function moduleTree(module: Printed): string {
  const name = module.constructor.name;
  if (printing.has(module)) return `${name}(...)`;
  printing.add(module);
  try {
    const children = [...module.namedChildren()].map(([key, child]) => ({ key, text: String(child), times: 1 }));
    const lines: string[] = [];
    for (let i = 0; i < children.length; ) {
      const { key, text } = children[i];
      let end = i + 1;
      while (name === "ModuleList" && end < children.length && children[end].text === text) end++;
      const body = text.replaceAll("\n", "\n  ");
      lines.push(end - i === 1 ? `(${key}): ${body}` : `(${key}-${children[end - 1].key}): ${end - i} x ${body}`);
      i = end;
    }
    const extra = module.extraRepr();
    if (lines.length === 0) return `${name}(${extra})`;
    return `${name}(${extra ? `\n  ${extra}` : ""}\n  ${lines.join("\n  ")}\n)`;
  } finally {
    printing.delete(module);
  }
}
