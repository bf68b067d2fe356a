/** Text that is safe inside an element or a quoted attribute. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c] ?? c);

/** A number for a path or an attribute, to a hundredth of a pixel. */
export const px = (value: number): string => `${Math.round(value * 100) / 100}`;

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element; what stands inside is markup already. */
export function element(name: string, attributes: Attributes, ...inside: readonly string[]): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const written = given.map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? px(value) : escapeXml(`${value}`)}"`,
  );
  const open = `<${name}${written.join("")}`;
  return inside.length > 0 ? `${open}>${inside.join("")}</${name}>` : `${open}/>`;
}

/** Words: their colour is the text's around the picture. */
export const words = (text: string, attributes: Attributes): string =>
  element("text", { fill: "currentColor", "font-size": 12, ...attributes }, escapeXml(text));

/** A whole picture, which says what it shows to those who do not see it. */
export const picture = (title: string, width: number, height: number, ...inside: readonly string[]): string =>
  element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${px(width)} ${px(height)}`,
      width: width,
      height: height,
      role: "img",
      "font-family": "system-ui, sans-serif",
    },
    element("title", {}, escapeXml(title)),
    ...inside,
  );
