// Links between files of the repository, made links between pages of the site.
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "../../../../scripts/setup/paths.mjs";

/** Whether a link leads to another site, or to a place in its own page. */
const apart = (target: string) => /^([a-z][a-z+.-]*:|#|\/\/)/i.test(target);

/**
 * The text of a page with each link to a file turned into the page's address. A file that has no page keeps its words and loses its
 * link: readers of the site have no checkout.
 *
 * @param routes addresses by file
 * @throws Error for a link to a file that the repository does not have
 */
export function siteLinks(text: string, file: string, routes: ReadonlyMap<string, string>): string {
  let fence = "";
  const out: string[] = [];
  let paragraph: string[] = [];
  const end = () => {
    if (paragraph.length) out.push(outsideCode(paragraph.join("\n"), (words) => linked(words, file, routes)));
    paragraph = [];
  };
  for (const line of text.split("\n")) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark && (!fence || mark.startsWith(fence))) fence = fence ? "" : mark;
    if (!fence && !mark && line.trim()) paragraph.push(line);
    else {
      end();
      out.push(line);
    }
  }
  end();
  return out.join("\n");
}

/** Applies a function to what stands outside of code spans. A link's words may hold one. */
function outsideCode(paragraph: string, change: (words: string) => string): string {
  const spans: string[] = [];
  const held = paragraph.replace(/(`+)(?:(?!\1)[\s\S])+\1/g, (span) => `\u0000${spans.push(span) - 1}\u0000`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a mark that no page has
  return change(held).replace(/\u0000(\d+)\u0000/g, (_, i) => spans[Number(i)] ?? "");
}

function linked(words: string, file: string, routes: ReadonlyMap<string, string>): string {
  return words.replace(
    /(!?)\[([^\]]*)\]\(\s*([^)\s]+)\s*\)/g,
    (whole, image: string, label: string, target: string) => {
      if (image || apart(target)) return whole;
      const [path = "", anchor] = target.split("#");
      const found = posix.normalize(posix.join(posix.dirname(file), path)).replace(/\/$/, "");
      const page = [found, `${found}/README.md`].find((each) => routes.has(each));
      if (page !== undefined) return `[${label}](/${routes.get(page)}${anchor ? `#${anchor}` : ""})`;
      if (!existsSync(join(root, found))) throw new Error(`${file} links to ${target}, which is not there`);
      return label;
    },
  );
}
