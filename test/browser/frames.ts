import type { Page } from "playwright";

/** How evenly the main thread drew. */
export interface Frames {
  readonly seconds: number;
  readonly drawn: number;
  readonly perSecond: number;
  /** The longest time between two frames, in milliseconds. */
  readonly longestGap: number;
}

/** Starts to note when the page's main thread draws a frame. */
export const recordFrames = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const times: number[] = [];
    Object.assign(window, { frameTimes: times });
    const note = () => {
      times.push(performance.now());
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });

/** What was noted so far. */
export async function framesOf(page: Page): Promise<Frames> {
  const times = await page.evaluate(() => (window as unknown as { frameTimes: number[] }).frameTimes); // put there above
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  const seconds = (times[times.length - 1] - times[0]) / 1000;
  return { seconds, drawn: times.length, perSecond: gaps.length / seconds, longestGap: Math.max(...gaps) };
}
