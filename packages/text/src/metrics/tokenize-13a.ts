import { words } from "../tokenizers/word.ts";

/** Splits a text as the script `mteval-v13a.pl` of the translation campaigns does, on which published scores rest. */
export function tokenize13a(text: string): string[] {
  const plain = text
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  const apart = ` ${plain} `
    // ASCII's punctuation but for . , - and the apostrophe
    .replace(/([{-~[-` -&(-+:-@/])/g, " $1 ")
    // a point or comma that does not stand between digits
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    // a hyphen after a digit
    .replace(/([0-9])(-)/g, "$1 $2 ");
  return words(apart);
}
