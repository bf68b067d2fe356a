// node --conditions=source packages/testkit/scripts/bundle.ts DIR [TARGET]: writes the fixtures of DIR (folders ops*, modules, optims, as
// PyTorch's dump script makes them) into this package's fixtures/, or TARGET, a brotli file per folder (two for large ones).
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { toPlanes, widths, wordOf } from "../src/conformance/bundle.ts";

const [from, into] = process.argv.slice(2);
const target = into === undefined ? new URL("../fixtures/", import.meta.url) : pathToFileURL(join(into, "/"));
const limit = 2 ** 21;

function bundle(folder: string, dir: string, names: readonly string[]): Buffer {
  const words = new Map(widths.map((w) => [w, { chunks: [] as Buffer[], size: 0, seen: new Map<string, number>() }]));
  const files: Record<string, string> = {};
  for (const name of names) {
    const text = readFileSync(join(dir, name), "utf8");
    files[name.slice(0, -".json".length)] = text.replace(
      /\{"\$t":"(\w+)","shape":(\[[^\]]*\]),"data":"([^"]*)"/g,
      (_, dtype: string, shape: string, base64: string) => {
        const width = wordOf(dtype);
        const region = words.get(width)!;
        let at = region.seen.get(base64);
        if (at === undefined) {
          const data = Buffer.from(base64, "base64");
          at = region.size / width;
          region.seen.set(base64, at);
          region.chunks.push(data);
          region.size += data.length;
        }
        return `{"$t":"${dtype}","shape":${shape},"data":${at}`;
      },
    );
  }
  const data = Object.fromEntries(widths.map((w) => [w, words.get(w)!.size]));
  const index = Buffer.from(JSON.stringify({ folder, data, files }));
  const header = Buffer.alloc(4);
  header.writeUInt32LE(index.length);
  const raw = Buffer.concat([header, index, ...widths.map((w) => toPlanes(Buffer.concat(words.get(w)!.chunks), w))]);
  return brotliCompressSync(raw, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
    },
  });
}

if (!from) throw new Error("usage: bundle.ts DIR [TARGET]");
for (const folder of readdirSync(from, { withFileTypes: true }).flatMap((d) => (d.isDirectory() ? [d.name] : []))) {
  const dir = join(from, folder);
  const names = readdirSync(dir)
    .filter((n) => n.endsWith(".json"))
    .sort();
  for (let parts = 1; ; parts++) {
    const per = Math.ceil(names.length / parts);
    const bundles = Array.from({ length: parts }, (_, i) => bundle(folder, dir, names.slice(i * per, (i + 1) * per)));
    if (bundles.some((b) => b.length > limit)) continue;
    bundles.forEach((b, i) => {
      const name = `${folder}${parts > 1 ? `.${i + 1}` : ""}.br`;
      writeFileSync(new URL(name, target), b);
      process.stdout.write(`${name}: ${b.length} bytes, ${names.length} files\n`);
    });
    break;
  }
}
