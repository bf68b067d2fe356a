// A rival for the tests, driven by its argument: it answers with made-up times and never does any work.
import { createInterface } from "node:readline";

const [behaviour, cost = "1"] = process.argv.slice(2);
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);

if (behaviour === "missing") {
  say({ unavailable: "not installed" });
} else if (behaviour === "crash") {
  process.stderr.write("starting\nno such module: rival\n");
  process.exitCode = 3;
} else if (behaviour === "chatter") {
  process.stdout.write("welcome to rival\n");
} else {
  say({ ready: { version: "1.2.3", threads: 2 } });
  let asked = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const { run, iterations } = JSON.parse(line) as { run: string; iterations: number };
    asked++;
    if (run === "absent_us") say({ unsupported: "not written for this rival" });
    else if (behaviour === "dies" && asked > 4) process.exit(7);
    else if (behaviour === "liar") say({ ms: "fast" });
    else say({ ms: Number(cost) * iterations, note: "made up", loss: 0.5 });
  }
}
