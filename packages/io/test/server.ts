// A server of files that answers as HTTP says, or as a test wants it.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
}
export type Answerer = (request: IncomingMessage, response: ServerResponse, number: number) => void;

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** What was asked for so far. */
  readonly asked: Asked[];
}

export async function serve(answer: Answerer): Promise<TestServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? "", range: request.headers.range });
    answer(request, response, asked.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Part {
  readonly from: number;
  /** After the last byte. */
  readonly to: number;
}

/** The range of a request, cut to a file's size; undefined for none. */
export function rangeOf(request: IncomingMessage, size: number): Part | undefined {
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  return from === undefined ? undefined : { from: Number(from), to: last ? Math.min(Number(last) + 1, size) : size };
}

/** The answer of a right server; `headers` change it. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  headers: { [name: string]: string } = {},
): void {
  const part = rangeOf(request, bytes.length);
  const { from, to } = part ?? { from: 0, to: bytes.length };
  if (from >= bytes.length && part) {
    response.writeHead(416, { "Content-Range": `bytes */${bytes.length}` }).end();
    return;
  }
  response.writeHead(part ? 206 : 200, {
    "Content-Length": String(to - from),
    ...(part && { "Content-Range": `bytes ${from}-${to - 1}/${bytes.length}` }),
    ETag: '"1"',
    ...headers,
  });
  response.end(bytes.subarray(from, to));
}
