import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "conformance-"));
afterAll(() => rmSync(folder, { recursive: true }));

function conformance(...args: string[]): { code: number; out: string; err: string } {
  try {
    const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
    const out = execFileSync(process.execPath, [...flags, cli, ...args], { encoding: "utf8", stdio: "pipe" });
    return { code: 0, out, err: "" };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string }; // execFileSync's
    return { code: status, out: stdout, err: stderr };
  }
}

const one = Buffer.from(new Float32Array([1]).buffer).toString("base64");
const two = Buffer.from(new Float32Array([2]).buffer).toString("base64");
const scalar = (data: string) => ({ $t: "float32", shape: [], data });
const add = (data: string) => ({
  op: "add",
  variant: "",
  cases: [{ input: scalar(one), args: [scalar(one)], kwargs: {}, out: scalar(data) }],
});

test("reports totals and files, says what failed, and exits with 1", () => {
  mkdirSync(join(folder, "all", "ops_mine"), { recursive: true });
  const write = (name: string, content: string) => writeFileSync(join(folder, "all", "ops_mine", name), content);
  write("good.json", JSON.stringify(add(two)));
  write("wrong.json", JSON.stringify(add(one)));
  write("broken.json", '{"op": "add", "cases": [');
  write("unknown.json", JSON.stringify({ ...add(two), op: "no_such_op" }));
  const report = join(folder, "reports", "out.json");
  const { code, out } = conformance("--fixtures", join(folder, "all"), "--threads", "1", "--report", report);
  expect(code).toBe(1);
  expect(out).toMatch(/ops_mine\/wrong: case 0: out at \[\]: 2, PyTorch has 1/);
  expect(out).toMatch(/ops_mine\/broken: case 0: the file cannot be read/);
  expect(out).toMatch(/ops_mine\s+1 \/ 4\s+1\s+2\s+1\s+0/);
  const { totals, files } = JSON.parse(readFileSync(report, "utf8"));
  expect(totals).toEqual({ files: 4, filesInFull: 1, passed: 1, failed: 2, unmapped: 1, skipped: 0 });
  expect(files["ops_mine/good"]).toEqual({ passed: 1, failed: 0, unmapped: 0, skipped: 0, first: "" });
  expect(files["ops_mine/unknown"]).toEqual({
    passed: 0,
    failed: 0,
    unmapped: 1,
    skipped: 0,
    first: "case 0 unmapped: no row for no_such_op",
  });
});

test("runs one folder directly, filters, and exits with 0 when nothing failed", () => {
  const { code, out } = conformance("--fixtures", join(folder, "all", "ops_mine"), "--filter", "good");
  expect([code, /all\s+1 \/ 1/.test(out)]).toEqual([0, true]);
});

test("--debug guards the cpu backend's memory: what nobody has written is NaN", () => {
  mkdirSync(join(folder, "debug", "ops_mine"), { recursive: true });
  const nan = Buffer.from(new Float32Array(3).fill(Number.NaN).buffer).toString("base64");
  const size = { $tuple: [3] };
  const empty = { input: size, args: [], kwargs: {}, out: { $t: "float32", shape: [3], data: nan } };
  const content = JSON.stringify({ op: "empty", variant: "", cases: [empty] });
  writeFileSync(join(folder, "debug", "ops_mine", "empty.json"), content);
  const args = ["--fixtures", join(folder, "debug"), "--threads", "1"];
  expect(conformance(...args, "--debug")).toMatchObject({ code: 0, out: expect.stringMatching(/all\s+1 \/ 1/) });
  expect(conformance(...args)).toMatchObject({ code: 1, out: expect.stringContaining("PyTorch has NaN") });
});

test("refuses what it cannot run, with the reason", () => {
  expect(conformance("--fixtures", join(folder, "nowhere"))).toMatchObject({
    code: 2,
    err: expect.stringContaining("is not a folder"),
  });
  expect(conformance("--device", "toaster", "--filter", "ops/add")).toMatchObject({
    code: 2,
    err: expect.stringContaining("no such device: toaster"),
  });
  expect(conformance("--threads", "none")).toMatchObject({
    code: 2,
    err: expect.stringContaining("--threads must be a positive integer"),
  });
  expect(conformance("--filter", "no such file")).toMatchObject({
    code: 2,
    err: expect.stringContaining("no fixture file matches"),
  });
});
