import ts from "typescript";

/** How types are written in tables: whole, and by their names, wherever these come from. */
export const format: ts.TypeFormatFlags =
  ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/** The first sentence of a docstring on one line, fit for a table's cell. A point ends it where a capital or nothing follows. */
export const firstSentence = (text: string): string =>
  (/^[\s\S]*?(?<!\bal)\.(?=\s+[A-Z]|\s*$)/.exec(text)?.[0] ?? text)
    .replaceAll(/\{@link (\w+)\}/g, "`$1`")
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .trim();
