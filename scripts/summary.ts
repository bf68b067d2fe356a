/** The first sentence of a docstring on one line, fit for a table's cell. A point ends it where a capital or nothing follows. */
export const firstSentence = (text: string): string =>
  (/^[\s\S]*?(?<!\bal)\.(?=\s+[A-Z]|\s*$)/.exec(text)?.[0] ?? text)
    .replaceAll(/\{@link (\w+)\}/g, "`$1`")
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .trim();
