/** Where two trees of numbers and text differ by more than a tolerance (of numbers above 1, relative to them); "" where nowhere. */
export function difference(ours: unknown, theirs: unknown, tolerance: number, path: string): string {
  if (typeof theirs === "object" && theirs !== null && "value" in theirs && Object.keys(theirs).length === 1)
    return difference(ours, theirs.value, tolerance, path); // a float that is whole
  if (typeof theirs === "number") {
    const off = Math.abs(Number(ours) - theirs);
    return off <= tolerance * Math.max(1, Math.abs(theirs))
      ? ""
      : `${path}: ${ours}, PyTorch has ${theirs} (off by ${off})`;
  }
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours)) return `${path}: ${ours}, PyTorch has a list`;
    if (ours.length !== theirs.length) return `${path}: ${ours.length} entries, PyTorch has ${theirs.length}`;
    return first(theirs.map((t, i) => difference(ours[i], t, tolerance, `${path}[${i}]`)));
  }
  if (typeof theirs === "object" && theirs !== null) {
    const [a, b] = [
      Object.keys((ours ?? {}) as object)
        .sort()
        .join(),
      Object.keys(theirs).sort().join(),
    ];
    if (a !== b) return `${path}: keys ${a}, PyTorch has ${b}`;
    return first(
      Object.entries(theirs).map(([key, t]) =>
        difference((ours as { [key: string]: unknown })[key], t, tolerance, `${path}.${key}`),
      ),
    );
  }
  return ours === theirs ? "" : `${path}: ${ours}, PyTorch has ${theirs}`;
}
const first = (found: readonly string[]): string => found.find((f) => f !== "") ?? "";
