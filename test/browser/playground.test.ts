// apps/playground in Chromium: it learns on each device, stays responsive, reads what is drawn, and says what is missing.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromium, chromiumMissing } from "../../scripts/setup/browser.mjs";
import { framesOf, recordFrames } from "./frames.ts";
import { beyond, type Playground, patience, phase, screenshot, startPlayground, text, windows } from "./playground.ts";

let playground: Playground;

const accuracy = async (page: Page): Promise<number> => Number.parseFloat(await text(page, "measure"));

/** A stroke with the mouse through points of the unit square. */
async function draw(page: Page, points: readonly (readonly [x: number, y: number])[]): Promise<void> {
  const pad = page.locator("#pad");
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error("the drawing square is not shown");
  const at = ([x, y]: readonly [number, number]): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point));
  await page.mouse.up();
}

const zero = Array.from({ length: 41 }, (_, i) => {
  const angle = (i / 40) * 2 * Math.PI;
  return [0.5 - 0.2 * Math.sin(angle), 0.5 - 0.33 * Math.cos(angle)] as const;
});
const one = Array.from({ length: 21 }, (_, i) => [0.52 - 0.04 * (i / 20), 0.15 + 0.7 * (i / 20)] as const);

async function reads(page: Page, digit: number): Promise<void> {
  await expect.poll(() => text(page, "verdict"), { timeout: patience }).toBe(`Reads as ${digit}.`);
}

/** Draws a zero and a one and checks that they are read as such. */
async function readsDrawnDigits(page: Page): Promise<void> {
  for (const [digit, stroke] of [
    [0, zero],
    [1, one],
  ] as const) {
    await page.click("#clear");
    await draw(page, stroke);
    await reads(page, digit);
  }
}

describe.skipIf(!chromium())(chromium() ? "the playground" : chromiumMissing, () => {
  beforeAll(async () => {
    playground = await startPlayground();
  });
  afterEach(async () => playground.closePages());
  afterAll(async () => playground?.close());

  test.each([
    { device: "cpu", title: "WebAssembly", epochs: 40, floor: 0.95 },
    { device: "webgpu", title: "WebGPU", epochs: 8, floor: 0.9 },
  ])("learns on $title, keeps drawing frames and reads drawn digits", async ({ device, title, epochs, floor }) => {
    const { page, complaints, fetched } = await playground.open();
    await page.check(`#device-${device}`);
    await expect.poll(() => text(page, "state"), { timeout: patience }).toBe(`Ready on ${title}.`);
    await page.fill("#epochs", String(epochs));
    await recordFrames(page);
    await page.click("#run");
    await phase(page, "training");
    await page.waitForSelector('body:not([data-phase="training"])', { timeout: patience });
    expect(await text(page, "state")).toBe("All epochs are done.");
    const frames = await framesOf(page);
    process.stdout.write(`${title}: ${JSON.stringify(frames)} ${await text(page, "speed")} images/s\n`);
    expect(await accuracy(page)).toBeGreaterThan(100 * floor);
    expect(await text(page, "epoch")).toBe(String(epochs));
    // Training gives the page its turn, several times in each epoch: a page that trains an epoch at a time draws at most once
    // for each, one that trains in one go not at all. How many frames fit beside that depends on the machine: a fast one
    // ends an epoch in 70 ms, a busy one draws few frames a second.
    expect(frames.drawn).toBeGreaterThan(2 * epochs);
    expect(frames.longestGap).toBeLessThan((1000 * frames.seconds) / 4);
    // as many threads as the machine runs at once; no worker was refused
    const threads = await page.evaluate(() => Math.min(navigator.hardwareConcurrency, 8));
    if (device === "cpu" && threads > 1) expect(await text(page, "device-info")).toContain(`: ${threads} threads, `);
    await readsDrawnDigits(page);
    await screenshot(page, `trained-${device}`);
    expect(complaints).toEqual([]);
    expect(fetched.some((file) => file.startsWith("webgpu-"))).toBe(device === "webgpu");
  });

  test("keeps WebGPU's code out of what a page on WebAssembly loads", () => {
    const folder = join(playground.folder, "assets");
    const shaders = readdirSync(folder).filter((file) => readFileSync(join(folder, file), "utf8").includes("@compute"));
    expect(shaders.length).toBeGreaterThan(0);
    for (const file of shaders) expect(file).toMatch(/^webgpu-/);
  });

  test("trains, pauses and starts over from the keyboard", async () => {
    const { page, complaints } = await playground.open();
    await page.focus("#run");
    await page.keyboard.press("Enter");
    await phase(page, "training");
    await expect.poll(() => text(page, "step")).not.toBe("–");
    await page.keyboard.press("Enter");
    await phase(page, "paused");
    const step = await text(page, "step");
    await page.keyboard.press("Enter");
    await phase(page, "training");
    await expect.poll(() => text(page, "step")).not.toBe(step);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await phase(page, "ready");
    expect(await text(page, "step")).toBe("–");
    expect(complaints).toEqual([]);
  });

  test("is drawn on with the keyboard", async () => {
    const { page, complaints } = await playground.open();
    await page.click("#run");
    await phase(page, "finished");
    await page.focus("#clear");
    await page.keyboard.press("Shift+Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("pad");
    await page.keyboard.press("Space");
    for (let i = 0; i < 5; i++) await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Space");
    await reads(page, 1);
    await screenshot(page, "keyboard");
    expect(await text(page, "pen")).toBe("Pen up.");
    await page.keyboard.press("Delete");
    await expect.poll(() => text(page, "verdict")).toBe("Nothing drawn yet.");
    await page.click('#samples button[value="0"]');
    await expect.poll(() => text(page, "pen")).toMatch(/^Test image \d+, a 0\.$/);
    await expect.poll(() => text(page, "verdict")).toMatch(/^Reads as \d\.$/);
    expect(complaints).toEqual([]);
  });

  test("refuses settings that make no sense, and says what they may be", async () => {
    const { page } = await playground.open();
    await page.fill("#learningRate", "fast");
    await page.fill("#batchSize", "2.5");
    await page.click("#run");
    expect(await text(page, "learningRate-error")).toBe("The learning rate must be a number from 0.000001 to 1.");
    expect(await text(page, "batchSize-error")).toBe("The batch size must be a whole number from 1 to 1,437.");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("learningRate");
    expect(await page.getAttribute("#learningRate", "aria-invalid")).toBe("true");
    expect(await page.getAttribute("body", "data-phase")).toBe("ready");
    await page.fill("#learningRate", "0.01");
    await page.fill("#batchSize", "100");
    await page.click("#run");
    await phase(page, "training");
    expect(await text(page, "learningRate-error")).toBe("");
  });

  test("says that WebGPU is missing where the browser has none", async () => {
    const { page } = await playground.open({
      before: () => Reflect.deleteProperty(Navigator.prototype, "gpu"),
    });
    await expect
      .poll(() => text(page, "webgpu-notice"))
      .toMatch(/^WebGPU is missing: this browser has no navigator\.gpu/);
    expect(await page.isDisabled("#device-webgpu")).toBe(true);
    await page.click("#run");
    await phase(page, "training");
  });

  test("says that WebGPU is missing where there is no adapter", async () => {
    const { page } = await playground.open({
      before: () => Object.defineProperty(GPU.prototype, "requestAdapter", { value: async () => null }),
    });
    await expect.poll(() => text(page, "webgpu-notice")).toContain("the browser found no graphics adapter");
  });

  test("goes on with WebAssembly when WebGPU cannot be opened", async () => {
    const { page } = await playground.open({ without: /\/webgpu-/ });
    await page.check("#device-webgpu");
    await expect
      .poll(() => text(page, "state"), { timeout: patience })
      .toMatch(/^WebGPU failed: .* Ready on WebAssembly\.$/);
    expect(await page.isChecked("#device-cpu")).toBe(true);
    await page.click("#run");
    await phase(page, "training");
  });

  test("says that threads are missing where the page is not cross-origin isolated", async () => {
    const { page } = await playground.open({ isolated: false });
    const notice = "WebAssembly runs on one thread: this page is not cross-origin isolated";
    await expect.poll(() => text(page, "threads-notice")).toContain(notice);
    expect(await text(page, "device-info")).toMatch(
      /^WebAssembly: 1 thread, .*: the page is not cross-origin isolated/,
    );
    await page.click("#run");
    await expect.poll(() => accuracy(page), { timeout: patience }).toBeGreaterThan(90);
  });

  test("trains on one thread where the page's policy forbids its workers, and says why", async () => {
    const { page } = await playground.open({ policy: (sent) => sent.replace("'self' blob:", "'self'") });
    await page.click("#run");
    await expect.poll(() => text(page, "device-info")).toMatch(/^WebAssembly: 1 thread, .*: workers could not start/);
    await expect.poll(() => accuracy(page), { timeout: patience }).toBeGreaterThan(90);
  });

  test("says that an insecure connection hides both", async () => {
    const { page } = await playground.open({ insecure: true });
    await expect.poll(() => text(page, "webgpu-notice")).toContain("insecure connection");
    await expect.poll(() => text(page, "threads-notice")).toContain("not cross-origin isolated");
  });

  test.each(windows)("fits its window: $name", async ({ name, width, height, colorScheme }) => {
    const { page } = await playground.open({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
    await page.click('#samples button[value="5"]');
    await page.click("#run");
    await expect.poll(() => accuracy(page), { timeout: patience }).toBeGreaterThan(90);
    await page.click("#run");
    await phase(page, "paused");
    await screenshot(page, name);
    expect(await beyond(page)).toEqual([]);
  });
});
