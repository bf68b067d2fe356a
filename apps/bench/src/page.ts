// docs/benchmarks.md, whose sections are written by runs of their own.

const split = (page: string): string[] => page.split(/^(?=## )/m);
/** The first word of a section's heading, by which it is known. */
const nameOf = (section: string): string | undefined => /^## (\w+)/.exec(section)?.[1];

/** The section of that name, or undefined where the page has none. */
export const sectionOf = (page: string, name: string): string | undefined =>
  split(page).find((text) => nameOf(text) === name);

/** `page` with the section of the same name replaced by `section`; a page without one gets it ahead of the list of workloads. */
export function replaceSection(page: string, section: string): string {
  const others = split(page).filter((text) => nameOf(text) !== nameOf(section));
  const last = others.findIndex((text) => text.startsWith("## The workloads"));
  others.splice(last < 0 ? others.length : last, 0, `${section.trimEnd()}\n\n`);
  return `${others.join("").trimEnd()}\n`;
}
