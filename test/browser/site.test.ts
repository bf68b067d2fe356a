// apps/docs in Chromium: its examples run, stop and reach nothing; its links lead somewhere; it is read by all, on any screen.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { gallery } from "../../apps/docs/examples/list.ts";
import { toFragment } from "../../apps/docs/src/run/link.ts";
import { figures } from "../../apps/docs/test/figures.ts";
import { chromium, chromiumMissing } from "../../scripts/setup/browser.mjs";
import { cache, root } from "../../scripts/setup/paths.mjs";
import { buildSite, folder, type Site, startSite } from "./site.ts";

let site: Site;
let said = "";
/** Ends a test that hangs; a busy machine takes its time. */
const patience = 300_000;

const state = (page: Page, wanted: string) =>
  page.waitForSelector(`.example[data-state="${wanted}"]`, { timeout: patience });

/** Opens the page of a program that came with a link. */
async function linked(code: string) {
  const opened = await site.open(`/try${await toFragment(code)}`);
  await state(opened.page, "ready");
  await expect.poll(() => opened.page.locator(".cm-content").count(), { timeout: patience }).toBe(1);
  return opened;
}

async function ran(code: string, ends: string): Promise<{ page: Page; printed: string; answered: string[] }> {
  const { page, answered } = await linked(code);
  await page.click("button.run");
  await state(page, ends);
  await page.waitForTimeout(100); // what is printed is drawn with the next frame
  return { page, printed: (await page.textContent(".lines")) ?? "", answered };
}

describe.skipIf(!chromium())(chromium() ? "the site" : chromiumMissing, () => {
  beforeAll(async () => {
    said = await buildSite();
    site = await startSite();
  });
  afterEach(async () => site?.closePages());
  afterAll(async () => site?.close());

  test("is built without a warning", () => {
    expect(said).not.toMatch(/warn|\(!\)|deprecat/i);
  });

  test("has no link that leads nowhere", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
    const text = new Map(
      files.map((name) => [`/${name.replace(/(index)?\.html$/, "")}`, readFileSync(join(folder, name), "utf8")]),
    );
    const ids = new Map(
      [...text].map(([path, html]) => [path, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]),
    );
    const lost: string[] = [];
    let looked = 0;
    for (const [path, html] of text) {
      for (const [, href = ""] of html.matchAll(/<a [^>]*?href="([^"]+)"/g)) {
        if (/^[a-z]+:/.test(href)) continue;
        const { pathname, hash } = new URL(href.replaceAll("&amp;", "&"), `http://site${path}`);
        const target = ids.get(decodeURIComponent(pathname));
        const id = decodeURIComponent(hash.slice(1));
        looked++;
        if (!target || (id && !target.has(id))) lost.push(`${path} -> ${href}`);
      }
    }
    expect(looked).toBeGreaterThan(1000);
    expect([...new Set(lost)]).toEqual([]);
  });

  test.each(gallery)("runs: $title", async ({ name }) => {
    const { page, complaints, asked } = await site.open(`/examples/${name}`);
    await state(page, "ready");
    await page.click("button.run");
    if (name === "digits") await draw(page);
    else await state(page, "done");
    await expect.poll(() => page.locator(".pictures figure").count(), { timeout: patience }).toBeGreaterThan(0);
    const { label, from, to } = figures[name] ?? { label: "a figure that it states", from: 0, to: 0 };
    await expect.poll(() => page.textContent(".lines")).toContain(label);
    const reached = Number.parseFloat((await page.textContent(".lines"))?.split(label)[1] ?? "");
    expect(reached).toBeGreaterThanOrEqual(from);
    expect(reached).toBeLessThanOrEqual(to);
    expect(complaints).toEqual([]);
    for (const url of asked) expect(url).toMatch(new RegExp(`^(${site.address}/|blob:|data:|about:)`));
  });

  /** Puts the pen down on the square and up again, and sees that read. */
  async function dot(page: Page): Promise<void> {
    await page.focus(".square canvas", { timeout: patience });
    await page.keyboard.press("Space");
    await page.keyboard.press("Space");
    await page.waitForSelector(".bars");
  }

  /** Draws a one with the keys and a nought with the pointer, and sees them read. */
  async function draw(page: Page): Promise<void> {
    await page.waitForSelector(".square canvas", { timeout: patience });
    const likeliest = () =>
      page.locator(".bars li").evaluateAll((bars) => {
        const shares = bars.map((bar) => Number(bar.lastChild?.textContent));
        return shares.indexOf(Math.max(...shares));
      });
    await page.focus(".square canvas");
    await page.keyboard.press("Space");
    for (let i = 0; i < 5; i++) await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Space");
    await expect.poll(likeliest, { timeout: patience }).toBe(1);
    await page.click(".square button");
    const { x = 0, y = 0, width = 0, height = 0 } = (await page.locator(".square canvas").boundingBox()) ?? {};
    for (let i = 0; i <= 24; i++) {
      const angle = (2 * Math.PI * i) / 24;
      await page.mouse.move(x + width * (0.5 + 0.25 * Math.sin(angle)), y + height * (0.5 - 0.38 * Math.cos(angle)));
      if (i === 0) await page.mouse.down();
    }
    await page.mouse.up();
    await expect.poll(likeliest, { timeout: patience }).toBe(0);
    await page.click("button.run"); // it says Stop now
    await state(page, "stopped");
    expect(await page.locator(".square").count()).toBe(0);
  }

  test.each(gallery)("takes three steps on WebGPU: $title", async ({ name }) => {
    const { page, complaints } = await site.open(`/examples/${name}`);
    await state(page, "ready");
    await page.click("text=Edit");
    const program = readFileSync(join(root, `apps/docs/examples/${name}.ts`), "utf8");
    const short = program.replace(/^const (steps|epochs|rounds) = \d+;/m, "const $1 = 3;");
    expect(short).not.toBe(program);
    await page.fill(".cm-content", short);
    await page.selectOption(".example select", "webgpu");
    await page.click("button.run");
    if (name === "digits") await page.waitForSelector(".square canvas", { timeout: patience });
    else await state(page, "done");
    await expect.poll(() => page.locator(".pictures figure").count(), { timeout: patience }).toBeGreaterThan(0);
    expect(await page.textContent(".lines")).not.toMatch(/NaN|Infinity/);
    for (const path of await page.locator(".pictures path.line").all())
      expect(await path.getAttribute("d")).toMatch(/\d/);
    expect(complaints).toEqual([]);
  });

  test("loads less than 300 kB before a program runs", async () => {
    const { page, asked } = await site.open("/examples/newton");
    await state(page, "ready");
    await page.waitForLoadState("networkidle");
    const bytes = asked
      .filter((url) => url.startsWith(site.address))
      .map((url) => new URL(url).pathname)
      .map((path) => readFileSync(join(folder, path.includes(".") ? path : `${path}.html`)))
      .reduce((sum, file) => sum + gzipSync(file).length, 0);
    process.stdout.write(`first load: ${(bytes / 1000).toFixed(0)} kB in ${asked.length} files\n`);
    expect(bytes).toBeLessThan(300_000);
  });

  test("a program from a link runs when it is asked to, and not before", async () => {
    const { page } = await linked('console.log("it ran");');
    await expect.poll(() => page.textContent(".status")).toContain("came with the link");
    await page.waitForTimeout(500);
    expect(await page.locator("iframe").count()).toBe(0);
    await page.click("button.run");
    await state(page, "done");
    await expect.poll(() => page.textContent(".lines")).toBe("it ran");
  });

  test("a program reaches no network and nothing of the site", async () => {
    const code = `
const tries = {
  fetch: () => fetch("${site.address}/hashmap.json?asked"),
  elsewhere: () => fetch("https://example.org/", { mode: "no-cors" }),
  socket: () => new Promise((_, no) => { new WebSocket("ws://127.0.0.1:9/").onerror = () => no("refused"); }),
  script: () => Promise.resolve().then(() => (0, eval)('import("${site.address}/run/show.js")')),
  storage: async () => { await new Promise((yes, no) => { const r = indexedDB.open("x"); r.onsuccess = yes; r.onerror = no; }); },
};
for (const [name, attempt] of Object.entries(tries)) {
  try { await attempt(); console.log(name, "REACHED"); } catch { console.log(name, "refused"); }
}
console.log(self.origin);`;
    const { printed, answered } = await ran(code, "done");
    expect(printed).toBe("fetch refusedelsewhere refusedsocket refusedscript refusedstorage refusednull");
    // the page itself asks for neither
    expect(answered.filter((url) => url.includes("?asked") || url.includes("example.org"))).toEqual([]);
    expect(answered.filter((url) => url.endsWith("/run/show.js"))).toHaveLength(1); // by the page, when Run was pressed
  });

  test("an endless loop is stopped, and the page goes on", async () => {
    const { page } = await linked('console.log("before");\nwhile (true) {}');
    await page.click("button.run");
    await expect.poll(() => page.textContent(".lines"), { timeout: patience }).toBe("before");
    await page.click("button.run"); // it says Stop now
    await state(page, "stopped");
    await expect.poll(() => page.locator("iframe").count()).toBe(0);
    await page.click("text=Reset");
    await page.click("button.run");
    await state(page, "done");
  });

  test.each([
    ['import { ones } from "flambeau";\n\nones([2, 3]).matmul(ones([2, 3]));', 3, "ShapeError"],
    ['import { nothingOfTheKind } from "flambeau";\nnothingOfTheKind();', 1, 'has no "nothingOfTheKind"'],
    ["const x = 1;\nconst y = (;", 2, "Unexpected token"],
    ['console.log("a");\nthrow new Error("mine");', 2, "Error: mine"],
  ])("an error is shown at its line: %j", async (code, line, message) => {
    const { page, printed } = await ran(code, "failed");
    expect(printed).toContain(`Line ${line}: `);
    expect(printed).toContain(message);
    await expect
      .poll(() =>
        page
          .locator(".cm-line")
          .nth(line - 1)
          .getAttribute("class"),
      )
      .toContain("cm-wrong");
  });

  test("a program computes on WebGPU where it is asked to", async () => {
    const { page } = await site.open("/try");
    await state(page, "ready");
    await page.click("text=Edit");
    const code = 'import { ones } from "flambeau";console.log((await ones([2]).add(1).data()), ones([1]).device);';
    await page.fill(".cm-content", code);
    await page.selectOption(".example select", "webgpu");
    await page.click("button.run");
    await state(page, "done");
    await expect.poll(() => page.textContent(".lines")).toBe("Float32Array(2) [2, 2] webgpu");
    expect(await page.locator("iframe").count()).toBe(0); // browsers give WebGPU to pages with an origin
  });

  test("a program from a link gets the page's origin on no device", async () => {
    const { page } = await linked("console.log(self.origin);");
    expect(await page.isDisabled(".example select")).toBe(true);
    await page.evaluate(() => document.querySelector(".example select")?.removeAttribute("disabled"));
    await page.selectOption(".example select", "webgpu");
    await page.click("button.run");
    await state(page, "failed");
    await expect.poll(() => page.textContent(".lines")).toBe("A program that came in a link runs on WebAssembly only.");
  });

  const screens = [
    { name: "desktop-light", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
    { name: "desktop-dark", viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
    { name: "phone-light", viewport: { width: 360, height: 780 }, colorScheme: "light" },
    { name: "phone-dark", viewport: { width: 360, height: 780 }, colorScheme: "dark" },
  ] as const;
  const axe = readFileSync(createRequire(join(root, "apps/docs/package.json")).resolve("axe-core/axe.min.js"), "utf8");

  test.each(screens)("is for all readers: $name", async ({ name, viewport, colorScheme }) => {
    const screenshots = join(cache, "screenshots/docs");
    mkdirSync(screenshots, { recursive: true });
    for (const path of [
      "/",
      "/examples/newton",
      "/examples/digits",
      "/guides/modules",
      "/coming-from/numpy",
      "/api/",
    ]) {
      const { page } = await site.open(path, { viewport, colorScheme, reducedMotion: "reduce" });
      if (path.includes("examples")) {
        await state(page, "ready");
        await page.click("button.run");
        if (path.endsWith("digits")) await dot(page);
        else await state(page, "done");
        await page.click("text=Edit");
        await page.waitForSelector(".cm-content");
      }
      await page.screenshot({
        path: join(screenshots, `${name}${path.replaceAll("/", "-")}.png`),
        fullPage: path !== "/guides/modules",
      });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(
        () => (window as unknown as { axe: { run(): Promise<Found> } }).axe.run(), // put there above
      );
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(serious.map(({ id, nodes }) => `${path}: ${id}: ${nodes.slice(0, 3).map(({ html }) => html)}`)).toEqual(
        [],
      );
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await page.context().close();
    }
  });
});

interface Found {
  readonly violations: readonly { id: string; impact: string; nodes: readonly { html: string }[] }[];
}
