import { spread } from "./spread.ts";

spread().then(
  (result) => postMessage(result),
  (error: unknown) => postMessage({ info: String(error), threads: 0 }),
);
