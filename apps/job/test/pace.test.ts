import { describe, expect, it } from "vitest";
import { Pace } from "../src/pace.ts";

describe("Pace", () => {
  it("tells steps in a second, and leaves out what restart() leaves out", () => {
    let now = 100;
    const pace = new Pace(() => now);
    expect(pace.rate).toBeNaN();
    now += 0.5;
    pace.step();
    expect(pace.rate).toBe(2);
    now += 60;
    pace.restart();
    now += 0.25;
    pace.step();
    expect(pace.rate).toBeCloseTo(0.95 * 2 + 0.05 * 4, 12);
  });

  it("averages figures by name", () => {
    const pace = new Pace(() => 0);
    expect(pace.mean("loss", 2)).toBe(2);
    expect(pace.mean("loss", 1)).toBeCloseTo(1.95, 12);
    expect(pace.mean("other", 7)).toBe(7);
  });
});
