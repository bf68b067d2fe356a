// The built playground, served in this process and opened in Chromium.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium as browserType, type Page } from "playwright";
import { build, type PreviewServer, preview } from "vite";
import { chromium, chromiumFlags } from "../../scripts/setup/browser.mjs";
import { cache, root } from "../../scripts/setup/paths.mjs";

const configFile = join(root, "apps/playground/vite.config.ts");
const elsewhere = "playground.test";
const screenshots = join(cache, "screenshots");

export interface Playground {
  /** Where the built files are. */
  readonly folder: string;
  /** Opens the page, and notes what it loads and complains about. */
  open(options?: OpenOptions): Promise<Visit>;
  /** Closes all that was opened: a page left behind trains on and takes the time of the next. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions extends BrowserContextOptions {
  /** Which of its pages; default: the first, with the digits. */
  readonly at?: "names.html" | "gpt.html" | "";
  /** Runs in the page before its own scripts. */
  readonly before?: () => void;
  /** Serve it without the headers that allow shared memory. */
  readonly isolated?: boolean;
  /** Open it by plain http at a host that is not this machine's, as far as the browser can tell. */
  readonly insecure?: boolean;
  /** Changes the content security policy that comes with each file. */
  readonly policy?: (sent: string) => string;
  /** Answer requests for files of this name with an error. */
  readonly without?: RegExp;
}

export interface Visit {
  readonly page: Page;
  /** Errors, warnings and uncaught exceptions of the page and its workers. */
  readonly complaints: string[];
  /** File names of what it fetched. */
  readonly fetched: string[];
}

const serve = async (outDir: string, isolated: boolean): Promise<PreviewServer> =>
  preview({
    configFile,
    logLevel: "error",
    build: { outDir },
    preview: {
      port: 0,
      host: "127.0.0.1",
      allowedHosts: [elsewhere],
      ...(isolated ? {} : { headers: { "Cross-Origin-Embedder-Policy": "", "Cross-Origin-Opener-Policy": "" } }),
    },
  });

const addressOf = (server: PreviewServer): string => {
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error("the preview server has no address");
  return url;
};

/** Builds the page once, starts the browser and the servers. */
export async function startPlayground(): Promise<Playground> {
  // beside the app's own dist, which a visitor's `npm run playground build` may be writing
  const outDir = join(cache, "playground");
  await build({ configFile, logLevel: "error", build: { outDir, emptyOutDir: true } });
  const servers = { isolated: await serve(outDir, true), open: await serve(outDir, false) };
  const args = [...chromiumFlags, `--host-resolver-rules=MAP ${elsewhere} 127.0.0.1`];
  const browser: Browser = await browserType.launch({ executablePath: chromium(), args });
  return {
    folder: outDir,
    async open({ at = "", before, isolated = true, insecure = false, without, policy, ...options } = {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      const fetched: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      context.on("request", (request) => fetched.push(new URL(request.url()).pathname.split("/").at(-1) ?? ""));
      if (before) await page.addInitScript(before);
      if (without) await context.route(without, (route) => route.abort());
      const address = addressOf(isolated ? servers.isolated : servers.open) + at;
      if (policy)
        await context.route("**/*", async (route) => {
          const response = await route.fetch();
          const headers = response.headers();
          headers["content-security-policy"] = policy(headers["content-security-policy"]);
          await route.fulfill({ response, headers });
        });
      await page.goto(insecure ? address.replace("127.0.0.1", elsewhere) : address);
      await page.waitForSelector('body[data-phase="ready"]');
      return { page, complaints, fetched };
    },
    async closePages() {
      for (const context of browser.contexts()) await context.close();
    },
    async close() {
      await browser.close();
      await Promise.all([servers.isolated.close(), servers.open.close()]);
    },
  };
}

/** Ends a test that hangs; a busy machine takes its time. */
export const patience = 300_000;
export const text = async (page: Page, id: string): Promise<string> =>
  (await page.locator(`#${id}`).textContent()) ?? "";
export const phase = (page: Page, wanted: string, timeout = patience): Promise<unknown> =>
  page.waitForSelector(`body[data-phase="${wanted}"]`, { timeout });

/** The windows that a page has to fit. */
export const windows = [
  { name: "desktop-light", width: 1200, height: 900, colorScheme: "light" },
  { name: "desktop-dark", width: 1200, height: 900, colorScheme: "dark" },
  { name: "phone-light", width: 360, height: 780, colorScheme: "light" },
  { name: "phone-dark", width: 360, height: 780, colorScheme: "dark" },
] as const;

/** What reaches past the window's side, or has to be scrolled sideways. */
export const beyond = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    Array.from(document.querySelectorAll("body *"))
      .filter((e) => e.getBoundingClientRect().right > innerWidth || e.scrollWidth > Math.ceil(e.clientWidth) + 1)
      .filter((e) => e.clientWidth > 0)
      .map((e) => `${e.tagName} ${e.id || e.className}`),
  );

/** Saves what the page shows, for people to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}
