import { escapeXml } from "@flambeau/plot";
import { data, detach, indexSelect, noGrad, printAsync, type Tensor, tensor, tidy } from "@flambeau/tensor";
import { isHalf } from "@flambeau/tensor/plugin";

/** What a notebook is given to choose from. */
export type Shown = Readonly<Record<string, string>>;

/** More rows or columns than these are shortened to their ends. */
const most = 12;
const edge = 5;

/** A tensor as text and, of one or two dimensions, as a table. Waits for the device. */
export async function displayTensor(x: Tensor): Promise<Shown> {
  const plain = await printAsync(x);
  const about = x.disposed ? "" : `${x.dtype} [${x.shape.join(", ")}] on ${x.device}`;
  const isTable = !x.disposed && (x.ndim === 1 || x.ndim === 2) && x.size > 0;
  const body = isTable ? await table(x) : `<pre>${escapeXml(plain)}</pre>`;
  return { "text/plain": plain, "text/html": `<figure>${body}<figcaption>${escapeXml(about)}</figcaption></figure>` };
}

async function table(x: Tensor): Promise<string> {
  const [height, width] = x.ndim === 2 ? x.shape : [1, x.shape[0]];
  const [down, across] = [ends(height), ends(width)];
  const part = tidy(() =>
    noGrad(() => {
      const rows = detach(x).reshape(height, width);
      const at = (places: readonly (number | null)[]) =>
        tensor(
          places.filter((place) => place !== null),
          { dtype: "int32", device: x.device },
        );
      const shown = indexSelect(indexSelect(rows, 0, at(down)), 1, at(across));
      return isHalf(x.dtype) ? shown.to({ dtype: "float32" }) : shown;
    }),
  );
  const values = await data(part);
  part.dispose();
  let next = 0;
  const cells = down.map((row) =>
    across.map((column) => (row === null || column === null ? "…" : written(values[next++], x.dtype === "bool"))),
  );
  const row = (texts: readonly string[]) =>
    `<tr>${texts.map((text) => `<td style="text-align:right">${escapeXml(text)}</td>`).join("")}</tr>`;
  return `<table><tbody>${cells.map(row).join("")}</tbody></table>`;
}

/** The places along a dimension that are shown, null for those left out. */
const ends = (size: number): (number | null)[] =>
  size <= most
    ? Array.from({ length: size }, (_, i) => i)
    : [...Array.from({ length: edge }, (_, i) => i), null, ...Array.from({ length: edge }, (_, i) => size - edge + i)];

function written(value: number | bigint | boolean, isBool: boolean): string {
  if (isBool) return String(Boolean(value));
  const whole = typeof value !== "number" || Number.isInteger(value) || !Number.isFinite(value);
  return String(whole ? value : Number(value.toPrecision(5)));
}
