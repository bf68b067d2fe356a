import { expect, test } from "vitest";
import { loadSubject } from "../src/conformance/subject.ts";
import { programs } from "./programs/fixture.ts";
import { expectSame } from "./programs/replay-all.ts";

const subject = await loadSubject("cpu", { threads: 1 });

test("the 6,235 further random programs of the set go as in PyTorch", () => {
  const further = programs("further");
  expect(further.length).toBe(6235);
  expectSame(further, subject);
});
