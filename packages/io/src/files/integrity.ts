import { ArgumentError, FormatError } from "@flambeau/tensor/functional";
import type { Source } from "./bytes.ts";

/** Bytes of the digests, by the names that `integrity` gives them; the later the stronger. */
const algorithms = { sha256: 32, sha384: 48, sha512: 64 } as const;
type Algorithm = keyof typeof algorithms;

/** Digests of one algorithm, in base64, of which a file must have one. */
export interface Integrity {
  readonly algorithm: Algorithm;
  readonly digests: readonly string[];
}

/**
 * Read digests as pages write them: `sha384-BASE64`, several between blanks; the strongest algorithm counts.
 *
 * @throws ArgumentError for another form: what cannot be checked must not pass.
 * @see https://www.w3.org/TR/sri-2/
 */
export function readIntegrity(op: string, text: string): Integrity {
  const all = text
    .trim()
    .split(/\s+/)
    .map((each) => {
      const [, algorithm, digest] = /^(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+=*)(?:\?.*)?$/.exec(each) ?? [];
      const plain = digest?.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
      if (!plain || Math.floor((plain.length * 6) / 8) !== algorithms[algorithm as Algorithm])
        throw new ArgumentError(
          op,
          `the option integrity is like "sha256-" and the digest in base64, got ${JSON.stringify(each.slice(0, 100))}`,
          "openssl dgst -sha256 -binary FILE | base64",
        );
      return { algorithm: algorithm as Algorithm, digest: plain };
    });
  const order = Object.keys(algorithms);
  const strongest = all.map(({ algorithm }) => algorithm).sort((a, b) => order.indexOf(b) - order.indexOf(a))[0];
  const digests = all.filter(({ algorithm }) => algorithm === strongest).map(({ digest }) => digest);
  return { algorithm: strongest, digests };
}

/** Bytes that are read at once. */
const step = 1 << 24;

export async function digestOf(source: Source, algorithm: Algorithm): Promise<string> {
  const crypto = globalThis.process?.getBuiltinModule?.("node:crypto");
  if (crypto) {
    const hash = crypto.createHash(algorithm);
    for (let at = 0; at < source.size; at += step) hash.update(await source.read(at, Math.min(at + step, source.size)));
    return hash.digest("base64").replace(/=+$/, "");
  }
  // the platform digests only what it has whole
  const bytes = await source.read(0, source.size);
  const name = algorithm.replace("sha", "SHA-");
  return base64(new Uint8Array(await globalThis.crypto.subtle.digest(name, bytes as Uint8Array<ArrayBuffer>)));
}

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");

export const fits = async (source: Source, { algorithm, digests }: Integrity): Promise<boolean> =>
  digests.includes(await digestOf(source, algorithm));

/** @throws FormatError when the content is another one. */
export async function checkIntegrity(source: Source, integrity: Integrity): Promise<void> {
  const { algorithm, digests } = integrity;
  const found = await digestOf(source, algorithm);
  if (digests.includes(found)) return;
  throw new FormatError(
    source.file,
    0,
    `the content is another one: its digest is ${algorithm}-${found}, expected ${digests.map((d) => `${algorithm}-${d}`).join(" or ")}`,
    "the file was changed or damaged on its way, or the digest is of another version of it",
  );
}
