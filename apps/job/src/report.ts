import { escapeXml } from "flambeau/plot";

/** A report: one HTML page that needs nothing else, light or dark as the reader has it. */
export interface Page {
  readonly title: string;
  /** What the reader must know before all else. */
  readonly note?: string | undefined;
  /** What the run was and what came of it, name and value. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** SVG charts, side by side where there is room. */
  readonly charts: readonly string[];
  /** HTML below these. */
  readonly rest?: readonly string[];
  /** CSS rules beyond the page's own. */
  readonly style?: string;
}

export function htmlPage({ title, note, facts, charts, rest = [], style = "" }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${pageStyle}${style}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${note === undefined ? "" : `<p class="note">${escapeXml(note)}</p>`}
<dl>${facts.map(([name, value]) => `<div><dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd></div>`).join("")}</dl>
<div class="charts">
${charts.join("\n")}
</div>
${rest.join("\n")}
</main>
</body>
</html>
`;
}

/** A table of texts with a caption: HTML for {@link Page.rest}. */
export function htmlTable(caption: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, texts: readonly string[]) =>
    `<tr>${texts.map((text) => `<${tag}>${escapeXml(text)}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row) => cells("td", row)).join("\n");
  return `<table><caption>${escapeXml(caption)}</caption>\n<thead>${cells("th", header)}</thead>\n<tbody>${body}</tbody></table>`;
}

const pageStyle = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1c1e21; --soft: #5d636b; --grid: #e4e6ea; --c1: #1f6feb; --c2: #c2410c; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #14161a; --fg: #e6e8eb; --soft: #9aa1ab; --grid: #2b2f36; --c1: #6ea8fe; --c2: #fb923c; }
}
body { margin: 0; background: var(--bg); color: var(--fg); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 48px; }
h1 { font-size: 24px; margin: 0 0 12px; }
.note { border-left: 4px solid var(--c2); padding: 4px 12px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 12px 24px; margin: 0 0 24px; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 24px; }
figure { margin: 0 0 24px; }
figcaption { font-weight: 600; margin-bottom: 8px; }
svg { display: block; width: 100%; height: auto; max-width: 720px; font: 12px system-ui, sans-serif; }
svg svg { max-width: none; }
.grid { stroke: var(--grid); stroke-opacity: 1; }
.axis { stroke: var(--soft); }
.tick { fill: var(--soft); }
.colour-0 { --series: var(--c1); }
.colour-1 { --series: var(--c2); }
.line, .faint { stroke: var(--series); }
.dot { fill: var(--series); stroke: var(--bg); stroke-width: 1.5; }
rect[class*="colour-"] { fill: var(--series); }
.count.on { fill: var(--bg); }
table { border-collapse: collapse; margin: 0 0 24px; width: 100%; }
caption { text-align: left; font-weight: 600; margin-bottom: 8px; }
th { text-align: left; color: var(--soft); font-weight: 400; font-size: 13px; }
th, td { padding: 4px 16px 4px 0; vertical-align: top; border-bottom: 1px solid var(--grid); white-space: pre-wrap; }
`;
