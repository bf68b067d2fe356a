import { nameSets } from "@flambeau/app-names/model";
import { memory } from "flambeau";
import { expect, test } from "vitest";
import type { Report } from "../src/names/protocol.ts";
import { NameTrainer } from "../src/names/trainer.ts";

test("learns, makes up what the newest wish asks for, and leaves no tensors behind", async () => {
  const letters = Array.from("abcdefghij");
  const sets = nameSets({
    female: letters.flatMap((a) => letters.map((b) => `A${a}${b}a`)),
    male: letters.flatMap((a) => letters.map((b) => `B${a}${b}o`)),
  });
  const reports: Report[] = [];
  const trainer = new NameTrainer(sets, (report) => reports.push(report));
  trainer.set({ learningRate: 0.01, batchSize: 32, epochs: 8 });
  await trainer.run();
  const held = memory().cpu.tensors;
  const measured = reports.flatMap((report) => (report.type === "measured" ? [report.value] : []));
  expect(measured).toHaveLength(1 + 8 + 1);
  // of the four letters and the end two are drawn from ten: log(10) * 2 / 5 = 0.92 nats are what can be learned
  expect(measured[measured.length - 1]).toBeLessThan(1.5);
  expect(reports[reports.length - 1]).toEqual({ type: "stopped", reason: "finished" });

  const from = reports.length;
  const first = trainer.wish({ prefix: "", kind: undefined, temperature: 1 }, 1);
  const second = trainer.wish({ prefix: "bc", kind: "male", temperature: 0.5 }, 2);
  await Promise.all([first, second]);
  expect(memory().cpu.tensors).toBe(held);
  const made = reports.slice(from).flatMap((report) => (report.type === "names" ? [report] : []));
  expect(made.map(({ id }) => id)).toEqual([1, 2]);
  for (const { kind, name } of made[1].names) expect([kind, name.slice(0, 2)]).toEqual(["male", "Bc"]);
  expect(new Set(made[0].names.map(({ kind }) => kind)).size).toBe(2);
});
