import { parentPort, workerData } from "node:worker_threads";
import { selectFixtures } from "./files.ts";
import { runFile } from "./run.ts";
import { loadSubject } from "./subject.ts";
import type { WorkerMessage, WorkerTask } from "./watch.ts";

const { fixtures, filter, device, threads, debug, from } = workerData as WorkerTask; // watch.ts starts this
const post = (message: WorkerMessage | "finished") => parentPort?.postMessage(message);

const files = selectFixtures(fixtures, filter);
const subject = await loadSubject(device, { debug, ...(threads === undefined ? {} : { threads }) });
for (let index = from; index < files.length; index++) {
  post({ index, report: null });
  post({ index, report: runFile(files[index], subject) });
}
post("finished");
