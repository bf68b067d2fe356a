// The built documentation, served in this process and opened in Chromium.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { type Browser, type BrowserContextOptions, chromium as browserType, type Page } from "playwright";
import { chromium, chromiumFlags } from "../../scripts/setup/browser.mjs";
import { quietly } from "../../scripts/setup/exec.mjs";
import { cache, root } from "../../scripts/setup/paths.mjs";

/** Where the site is built for the tests, beside the one that a visitor builds. */
export const folder: string = join(cache, "docs/site");

export interface Opened {
  readonly page: Page;
  /** Errors, warnings and uncaught exceptions of the page. */
  readonly complaints: string[];
  /** Whole addresses of what it asked for. */
  readonly asked: string[];
  /** Those that were answered: a request that a policy forbids is asked for, in a way, and goes nowhere. */
  readonly answered: string[];
}

export interface Site {
  readonly address: string;
  open(path: string, options?: BrowserContextOptions): Promise<Opened>;
  closePages(): Promise<void>;
  close(): Promise<void>;
}

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/** Builds the site as a visitor does. @returns what the build said */
export const buildSite = (): Promise<string> =>
  quietly("The site", process.execPath, [
    "--conditions=source",
    "--disable-warning=ExperimentalWarning",
    join(root, "apps/docs/src/main.ts"),
    "build",
    "--out",
    folder,
  ]);

/** The file that a host of static files gives for a path. */
function fileOf(path: string): string | undefined {
  const plain = normalize(join(folder, decodeURIComponent(path)));
  const tried = [plain, `${plain}.html`, join(plain, "index.html")];
  return tried.find((file) => file.startsWith(folder) && existsSync(file) && statSync(file).isFile());
}

async function serve(): Promise<Server> {
  const server = createServer(({ url = "/" }, answer) => {
    const file = fileOf(new URL(url, "http://localhost").pathname);
    if (!file) answer.writeHead(404).end();
    else
      answer
        .writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" })
        .end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Starts the browser and the server on a site that is built. */
export async function startSite(): Promise<Site> {
  const server = await serve();
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
  const browser: Browser = await browserType.launch({ executablePath: chromium(), args: chromiumFlags });
  return {
    address,
    async open(path, options = {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      const asked: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      context.on("request", (request) => asked.push(request.url()));
      const answered: string[] = [];
      context.on("response", (response) => answered.push(response.url()));
      await page.goto(address + path);
      return { page, complaints, asked, answered };
    },
    async closePages() {
      for (const context of browser.contexts()) await context.close();
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
