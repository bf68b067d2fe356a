// A program that ends by itself: nothing of what it leaves keeps the process alive.
import "../backend.ts";
import { DataLoader } from "../../src/index.ts";

const data = { length: 10, get: (i: number) => i };
const options = {
  ...{ numWorkers: 2, worker: new URL("./served.mjs", import.meta.url), workerArgs: { what: "counted" } },
  persistentWorkers: true,
};
let whole = 0;
for await (const _ of new DataLoader(data, options)) whole++;
let left = 0;
for await (const _ of new DataLoader(data, options)) {
  left++;
  break;
}
let dropped = 0;
const iterator = new DataLoader(data, options)[Symbol.asyncIterator]();
if (!(await iterator.next()).done) dropped++;
console.log(`${whole} samples, left after ${left}, dropped after ${dropped}`);
