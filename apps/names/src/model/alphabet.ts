/** The kinds of first names. Each has a token that a name begins with, so that what follows depends on it. */
export const kinds = ["female", "male"] as const;
export type Kind = (typeof kinds)[number];

const letters = "-abcdefghijklmnopqrstuvwxyz";

/** The token after the last letter. */
export const end = 0;
/** What may follow a token: the end or a letter. */
export const outputs = 1 + letters.length;
/** All tokens: behind those the two kinds. */
export const tokens = outputs + kinds.length;

export const kindToken = (kind: Kind): number => outputs + kinds.indexOf(kind);
export const letterAt = (token: number): string => letters[token - 1];

/** A name as the network reads it: in small letters. */
export const spelled = (name: string): string => name.toLowerCase();
/** The same as it is written. */
export const shown = (spelling: string): string => spelling.replace(/(^|-)[a-z]/g, (part) => part.toUpperCase());

/**
 * The tokens of the letters of a spelling.
 * @returns undefined when it has others than a to z and "-"
 */
export function letterTokens(spelling: string): number[] | undefined {
  const found = Array.from(spelling, (letter) => 1 + letters.indexOf(letter));
  return found.includes(0) ? undefined : found;
}
