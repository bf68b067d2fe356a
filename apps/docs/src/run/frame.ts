// The script of the frame, which runs where nothing of the site is in reach.
import type { Start } from "./protocol.ts";
import { startWorker } from "./starter.ts";

addEventListener("message", ({ data, ports: [port] }: MessageEvent<Start>) => startWorker(data, port), { once: true });
