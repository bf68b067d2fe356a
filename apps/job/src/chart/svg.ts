/** Text that is safe inside an element or a quoted attribute. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c] ?? c);

/** A number for a path or an attribute, to a hundredth of a pixel. */
export const px = (value: number): string => `${Math.round(value * 100) / 100}`;
