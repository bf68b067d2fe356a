// Pages as a user's server sends them, opened in Chromium. A page says what it saw as JSON in its title.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type Browser, chromium as browserType, type Page } from "playwright";
import { afterAll } from "vitest";
import { chromium, chromiumFlags } from "../../scripts/setup/browser.mjs";

export interface Site {
  /** The text of each path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where all other paths lie. */
  readonly folder?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What cross-origin isolation asks for, and with it shared memory and threads. */
export const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
/** A page around one module. */
export const html = (src: string, head = ""): string =>
  `<!doctype html><title>waiting</title>${head}<script type="module" src="${src}"></script>`;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
};

let browser: Promise<Browser> | null = null;
afterAll(async () => (await browser)?.close());

/** Opens the page at an address; what it printed is in the error when `use` fails. */
export async function visit<T>(url: string, use: (page: Page) => Promise<T>): Promise<T> {
  browser ??= browserType.launch({ executablePath: chromium(), args: chromiumFlags });
  const page = await (await browser).newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => errors.push(message.text()));
  try {
    await page.goto(url);
    return await use(page);
  } catch (cause) {
    throw new Error(`the page said nothing but: ${errors.join("\n")}`, { cause });
  } finally {
    await page.close();
  }
}

/** What the page at an address saw. */
export const seenAt = (url: string): Promise<unknown> =>
  visit(url, async (page) => {
    await page.waitForFunction(() => document.title !== "waiting", null, { timeout: 60_000 });
    return JSON.parse(await page.title());
  });

/** Serves a site on this machine for as long as `use` takes. */
export async function served<T>(
  { files = {}, folder, headers = {} }: Site,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer(({ url = "/" }, response) => {
    const path = decodeURIComponent(url.split("?")[0] ?? "");
    const name = path === "/" ? "/index.html" : path;
    const below = folder === undefined ? "" : join(folder, name);
    const body = files[name] ?? (existsSync(below) ? readFileSync(below) : null);
    response.writeHead(body === null ? 404 : 200, { "Content-Type": types[extname(name)] ?? "text/plain", ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo; // it listens on a port
    return await use(`http://127.0.0.1:${port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** What the first page of a site saw. */
export const seenOn = (site: Site): Promise<unknown> => served(site, seenAt);
