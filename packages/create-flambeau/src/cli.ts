#!/usr/bin/env node
// `npm create flambeau`.
import process from "node:process";
import { ask } from "./ask.ts";
import { main } from "./main.ts";
import { managerOf } from "./manager.ts";

process.exitCode = await main(process.argv.slice(2), {
  cwd: process.cwd(),
  manager: managerOf(process.env.npm_config_user_agent, process.versions),
  say: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  ask: process.stdin.isTTY && process.stdout.isTTY ? ask : undefined,
});
