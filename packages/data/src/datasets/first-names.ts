import type { DataSource } from "../files/acquire.ts";
import { unpackBase64 } from "../files/base64.ts";

/** First names by kind, and where they came from. */
export interface FirstNames {
  readonly name: string;
  readonly female: readonly string[];
  readonly male: readonly string[];
  /** What one may do with the names. */
  readonly license: string;
  readonly source: DataSource;
  /** How the names were come by, in one line to show to a user. */
  readonly reason: string;
}

/**
 * English first names, bundled with the package and loaded when they are asked for: 4,951 female and 3,898 male ones in alphabetical order, of ASCII letters and
 * hyphens. Some are of both kinds, and eight stand twice within theirs, as in the source.
 *
 * Neither network nor files are needed. Gathered by Grady Ward, "Moby Word II" (2002), in the public domain.
 *
 * @see https://www.gutenberg.org/ebooks/3201
 * @example
 * const { female, male } = await firstNames();
 * [female.length, male.length]; // [4951, 3898]
 * female.slice(0, 3); // ["Aaren", "Aarika", "Abagael"]
 */
export async function firstNames(): Promise<FirstNames> {
  const { femaleNames, maleNames } = await import("../generated/first-names.ts");
  const lines = async (base64: string, file: string): Promise<string[]> =>
    new TextDecoder()
      .decode(await unpackBase64(base64, file, 40_000))
      .trimEnd()
      .split("\n");
  return {
    name: "first-names",
    female: await lines(femaleNames, "female names"),
    male: await lines(maleNames, "male names"),
    license: "public domain (CC0 1.0)",
    source: "bundled",
    reason: "bundled with the package",
  };
}
