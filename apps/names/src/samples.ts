import { kinds } from "./model/index.ts";
import type { Sample } from "./run/records.ts";

const marks = { new: "*", "held out": "°", "trained on": "" } as const;

/** What the marks behind names say. */
export const legend = "* is in no list of names, ° is real but held out; the others were trained on";

const marked = ({ name, origin }: Sample): string => name + marks[origin];

/** A line of names for each kind. */
export const sampleLines = (samples: readonly Sample[]): string[] =>
  kinds.map((kind) => {
    const names = samples.filter((sample) => sample.kind === kind).map(marked);
    return `${`${kind}:`.padEnd(8)}${names.join(" ")}`;
  });

/** A line for each name, with its kind and where it comes from, and one that counts the new ones. */
export function nameList(samples: readonly Sample[]): string[] {
  const width = Math.max(...samples.map(({ name }) => name.length));
  const fresh = samples.filter(({ origin }) => origin === "new").length;
  return [
    ...samples.map(({ name, kind, origin }) => `  ${name.padEnd(width)}  ${kind.padEnd(6)}  ${origin}`),
    `${fresh} of ${samples.length} are new`,
  ];
}
