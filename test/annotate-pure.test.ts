import { expect, test } from "vitest";
import { annotated } from "../scripts/annotate-pure.ts";

test("calls at the top level are marked, and a mark is no part of a division", () => {
  expect(annotated("a.ts", "export const a = Math.sqrt(4 / 3);")).toBe(
    "export const a = /* @__PURE__ */ Math.sqrt(4 / 3);",
  );
  expect(annotated("a.ts", "export const a = /* three */ f(3) / 2;")).toContain("/* three */ /* @__PURE__ */ f(3) / 2");
  // a minifier without blanks would make `2//* @__PURE__ */Math.sqrt(3)` of it, where the rest is a comment
  expect(() => annotated("a.ts", "export const a = 2 / Math.sqrt(3);")).toThrow(/division sign.*Math.sqrt\(3\)/);
  expect(annotated("a.ts", "export const f = () => 2 / Math.sqrt(3);")).toBe(
    "export const f = () => 2 / Math.sqrt(3);",
  );
});
