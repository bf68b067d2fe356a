import { expect, test } from "vitest";
import { loadSubject } from "../src/conformance/subject.ts";
import { programs } from "./programs/fixture.ts";
import { expectSame } from "./programs/replay-all.ts";

const subject = await loadSubject("cpu", { threads: 1 });

test("2,500 further random programs go as in PyTorch", () => {
  const further = programs("further");
  expect(further.length).toBe(2500);
  expectSame(further, subject);
});
