import { describe, expect, it } from "vitest";
import { Interrupts } from "../src/interrupts.ts";

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("Interrupts", () => {
  it("notes the first signal, takes those that come with it for one, and ends the process at a later one", async () => {
    let noted = 0;
    const exits: number[] = [];
    const listeners = process.listenerCount("SIGINT");
    {
      using interrupts = new Interrupts(
        () => noted++,
        (code) => exits.push(code),
      );
      expect(interrupts.exitCode).toBeUndefined();
      process.emit("SIGINT");
      process.emit("SIGINT");
      expect([interrupts.exitCode, noted, exits]).toEqual([130, 1, []]);
      await wait(350);
      process.emit("SIGINT");
      expect([noted, exits]).toEqual([1, [130]]);
    }
    expect(process.listenerCount("SIGINT")).toBe(listeners);
  });
});
