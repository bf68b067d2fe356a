// The playground's pages that write: they learn on each device, show what they make up meanwhile, stop, and write as they are asked.
import type { Page } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromium, chromiumMissing } from "../../scripts/setup/browser.mjs";
import { beyond, type Playground, patience, phase, screenshot, startPlayground, text, windows } from "./playground.ts";

let playground: Playground;

const devices = [
  { device: "cpu", title: "WebAssembly" },
  { device: "webgpu", title: "WebGPU" },
] as const;
const choose = async (page: Page, { device, title }: (typeof devices)[number]): Promise<void> => {
  await page.check(`#device-${device}`);
  await expect.poll(() => text(page, "state"), { timeout: patience }).toBe(`Ready on ${title}.`);
};
const until = (what: () => Promise<unknown>) => expect.poll(what, { timeout: patience });
const number = async (page: Page, id: string): Promise<number> => Number((await text(page, id)).replaceAll(",", ""));

describe.skipIf(!chromium())(chromium() ? "the playground" : chromiumMissing, () => {
  beforeAll(async () => {
    playground = await startPlayground();
  });
  afterEach(async () => playground.closePages());
  afterAll(async () => playground?.close());

  describe("names", () => {
    const names = (page: Page): Promise<string[]> => page.locator("#names li span").allTextContents();

    test.each(devices)("are learned on $title, shown meanwhile, and made up as they are asked for", async (device) => {
      const { page, complaints, fetched } = await playground.open({ at: "names.html" });
      await choose(page, device);
      await until(() => text(page, "caption")).toMatch(/^Made up before it learned: \d+ of 16 are new$/);
      const untaught = await names(page);
      await page.fill("#batchSize", "256");
      await page.click("#run");
      await phase(page, "training");
      await until(() => text(page, "caption")).toMatch(/^Made up after \d+ steps/);
      expect(await names(page)).not.toEqual(untaught);
      await until(async () => (await number(page, "epoch")) >= 1).toBe(true);
      await page.click("#run");
      await phase(page, "paused");
      // letters that are drawn evenly cost log 28 = 3.33 nats
      expect(await number(page, "measure")).toBeLessThan(2.9);

      await page.fill("#prefix", "Ma");
      await page.click("#make-up");
      await until(async () => (await names(page)).every((name) => /^Ma[-A-Za-z]*$/.test(name))).toBe(true);
      await page.check('input[name="kind"][value="male"]');
      await page.fill("#prefix", "Zoë");
      await page.click("#make-up");
      expect(await text(page, "prefix-error")).toBe('A beginning has at most 15 letters from a to z and "-".');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("prefix");
      await page.fill("#prefix", "");
      await page.click("#make-up");
      await until(() => names(page)).not.toContainEqual(expect.stringMatching(/^Zo/));
      expect(await text(page, "prefix-error")).toBe("");
      await screenshot(page, `names-${device.device}`);
      expect(complaints).toEqual([]);
      expect(fetched.some((file) => file.startsWith("webgpu-"))).toBe(device.device === "webgpu");
      expect(fetched.filter((file) => file.startsWith("moby-dick"))).toEqual([]);
    });

    test("begin anew with a reset, and go by the keyboard", async () => {
      const { page, complaints } = await playground.open({ at: "names.html", isolated: false });
      await page.focus("#run");
      await page.keyboard.press("Enter");
      await phase(page, "training");
      await until(async () => (await number(page, "step")) > 0).toBe(true);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Space");
      await phase(page, "ready");
      expect(await text(page, "step")).toBe("–");
      await page.focus("#prefix");
      await page.keyboard.type("jo");
      await page.keyboard.press("Enter");
      await until(async () => (await names(page)).filter((name) => /^Jo/.test(name)).length).toBe(16);
      expect(complaints).toEqual([]);
    });
  });

  describe("GPT", () => {
    const written = (page: Page): Promise<string> => text(page, "text");

    test.each(devices)("learns on $title, writes meanwhile, and streams what it is asked for", async (device) => {
      const { page, complaints } = await playground.open({ at: "gpt.html" });
      await choose(page, device);
      await page.fill("#batchSize", device.device === "cpu" ? "8" : "1");
      await page.click("#run");
      await phase(page, "training");
      await until(() => text(page, "caption")).toMatch(/^Written after [\d,]+ steps$/);
      await until(async () => (await written(page)).length).toBeGreaterThan(3);
      const first = await number(page, "measure");
      const wanted = device.device === "cpu" ? 60 : 2;
      await until(async () => (await number(page, "step")) >= wanted).toBe(true);
      await page.click("#run");
      await phase(page, "paused");
      expect(await number(page, "measure")).toBeLessThan(first);

      await page.fill("#prompt", "Call me ");
      await page.fill("#temperature", "0.5");
      await page.click("#write");
      await until(() => text(page, "write")).toBe("Stop");
      await until(() => written(page)).toMatch(/^Call me [\s\S]/);
      const early = (await written(page)).length;
      await until(async () => (await written(page)).length).toBeGreaterThan(early);
      await page.click("#write");
      await until(() => text(page, "write")).toBe("Write");
      expect((await written(page)).length).toBeLessThan(8 + 600);
      await screenshot(page, `gpt-${device.device}`);
      expect(complaints).toEqual([]);
    });

    test("says what a prompt may not hold, and what a temperature may be", async () => {
      const { page } = await playground.open({ at: "gpt.html", isolated: false });
      await page.fill("#prompt", "5 €");
      await page.click("#write");
      await until(() => text(page, "prompt-error")).toBe('The text that it learns from has no "€".');
      await page.fill("#temperature", "0");
      await page.click("#write");
      expect(await text(page, "temperature-error")).toBe("The temperature must be a number from 0.1 to 5.");
      await page.fill("#prompt", "");
      await page.fill("#temperature", "1");
      await page.click("#write");
      await until(async () => (await written(page)).length).toBeGreaterThan(0);
      expect(await text(page, "prompt-error")).toBe("");
    });
  });

  test("its pages lead to each other, and each loads its own data alone", async () => {
    const { page, fetched } = await playground.open();
    await page.click('nav a[href="./names.html"]');
    await phase(page, "ready");
    expect(await page.getAttribute("nav a[aria-current]", "href")).toBe("./names.html");
    expect(fetched.filter((file) => /^(moby-dick|webgpu)/.test(file))).toEqual([]);
    await page.click('nav a[href="./gpt.html"]');
    await phase(page, "ready");
    expect(fetched.some((file) => file.startsWith("moby-dick"))).toBe(true);
    await page.click('nav a[href="./index.html"]');
    await phase(page, "ready");
    expect(await page.getAttribute("nav a[aria-current]", "href")).toBe("./index.html");
  });

  describe.each(["names", "gpt"] as const)("%s", (at) => {
    test.each(windows)("fits its window: $name", async ({ name, width, height, colorScheme }) => {
      const { page } = await playground.open({
        at: `${at}.html`,
        viewport: { width, height },
        colorScheme,
        reducedMotion: "reduce",
      });
      await page.fill("#batchSize", "16");
      await page.click("#run");
      await until(() => text(page, "caption")).toMatch(/after \d+ steps/);
      await until(async () => (await number(page, "step")) >= 10).toBe(true);
      await page.click("#run");
      await phase(page, "paused");
      await screenshot(page, `${at}-${name}`);
      expect(await beyond(page)).toEqual([]);
    });
  });
});
