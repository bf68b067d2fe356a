// Next: a page that is rendered on the server and goes on in the browser, and a route that answers, each with tensors of its own. Next and
// React come from the registry, since Next's compiler accepts no packages from outside of the project's folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, test } from "vitest";
import { chromium } from "../../scripts/setup/browser.mjs";
import { networkHint, quietly } from "../../scripts/setup/exec.mjs";
import { framework, tested } from "../../scripts/toolchains/table.ts";
import { closureOf, install } from "./install.ts";
import { seenAt } from "./page.ts";

const files = {
  "app/train.js": `
    import { data, losses, nn, ones, optim, tensor } from "flambeau";
    export function train() {
      const model = new nn.Linear(2, 1);
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
      losses.mse(model.forward(ones([4, 2])), ones([4, 1])).backward();
      optimizer.step();
      const loader = new data.DataLoader(new data.TensorDataset(ones([4])), { batchSize: 2 });
      return { sum: tensor([1, 2]).sum().item(), batches: loader.length };
    }`,
  "app/layout.jsx": `
    export const metadata = { title: "waiting" };
    export default function Layout({ children }) {
      return <html lang="en"><body>{children}</body></html>;
    }`,
  "app/page.jsx": `
    import { Client } from "./client.jsx";
    import { train } from "./train.js";
    export default function Page() {
      return <Client server={train()} />;
    }`,
  "app/client.jsx": `
    "use client";
    import { ones, registerBackend, webgpu } from "flambeau";
    import { useEffect } from "react";
    import { train } from "./train.js";
    async function gpu() {
      const device = registerBackend(await webgpu()).name;
      return [...(await ones([2], { device }).add(1).data())];
    }
    export function Client({ server }) {
      useEffect(() => {
        const say = (gpu) => { document.title = JSON.stringify({ server, client: train(), gpu }); };
        gpu().then(say, (error) => say(String(error)));
      }, [server]);
      return <p>the sum is {String(server.sum)}</p>;
    }`,
  "app/answer/route.js": `
    import { ones } from "flambeau";
    import { train } from "../train.js";
    export async function GET() {
      const x = ones([512, 512]);
      x.matmul(x); // large enough for threads to start, which takes until the program yields
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 10));
      return Response.json({ ...train(), product: x.matmul(x).sum().item() / 512 ** 3, info: x.backend.info });
    }`,
};
const right = { sum: 3, batches: 2 };

describe.skipIf(!chromium())("Next", () => {
  let folder = "";
  let unreachable = "";
  const next = () => join(folder, "node_modules/next/dist/bin/next");
  const environment = () => ({ PATH: process.env.PATH, HOME: folder, NEXT_TELEMETRY_DISABLED: "1" });

  /** What is seen of the server that a command starts: where it listens is the first address that it prints. */
  async function seenFrom(command: string): Promise<unknown> {
    const child = spawn(process.execPath, [next(), command, "--hostname", "127.0.0.1", "--port", "0"], {
      cwd: folder,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "exit");
    const said: string[] = [];
    child.stderr.on("data", (text) => said.push(String(text)));
    try {
      const address = await new Promise<string>((resolve, reject) => {
        createInterface(child.stdout).on("line", (line) => {
          said.push(line);
          const [found] = line.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
          if (found) resolve(found);
        });
        ended.then(() => reject(new Error(`next ${command} ended: ${said.join("\n")}`)), reject);
      });
      const text = await (await fetch(address)).text();
      const answer = await fetch(`${address}/answer`);
      return {
        rendered: text.match(/<p>(.*?)<\/p>/)?.[1]?.replaceAll("<!-- -->", ""),
        answer: answer.ok ? await answer.json() : await answer.text(),
        page: await seenAt(address),
      };
    } finally {
      child.kill();
      await ended;
    }
  }
  const expected = {
    rendered: "the sum is 3",
    answer: { ...right, product: 1, info: expect.stringMatching(/thread/) },
    page: { server: right, client: right, gpu: [2, 2] },
  };

  beforeAll(async () => {
    try {
      folder = await install("next", closureOf("flambeau"), framework);
    } catch (error) {
      if (!/registry/.test(networkHint(String(error)))) throw error;
      unreachable = "npm's registry, which Next is installed from, cannot be reached";
    }
    for (const [name, text] of unreachable ? [] : Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  });

  test(tested("next-build"), async ({ skip }) => {
    if (unreachable) skip(unreachable);
    await quietly("next build", process.execPath, [next(), "build"], {
      cwd: folder,
      env: environment(),
    });
    expect(await seenFrom("start")).toEqual(expected);
  });

  test(tested("next-dev"), async ({ skip }) => {
    if (unreachable) skip(unreachable);
    expect(await seenFrom("dev")).toEqual(expected);
  });
});
