import { FormatError, UnavailableError } from "@flambeau/tensor/functional";
import { type Kinds, option } from "@flambeau/tensor/plugin";
import { installDebianPackage } from "./debian.ts";
import { download } from "./download.ts";
import { type Contents, cacheFolder, type FileSet, readFolder } from "./folder.ts";
import { npmFolder } from "./npm.ts";

/** Where a data set was found. */
export type DataSource = "folder" | "cache" | "package" | "debian" | "download" | "bundled";

/** Where to look for the files of a data set. */
export interface AcquireOptions {
  /** A folder that holds the files; looked into first. A damaged file in it is an error, absent files are not. */
  root?: string | undefined;
  /** The cache folder; by default the user's own. */
  cache?: string | undefined;
  /** Install Debian's package with apt-get where it is missing, on Debian and as root. Default false. */
  install?: boolean | undefined;
  /** Download what is found nowhere. Default true. */
  download?: boolean | undefined;
  /** Addresses of folders to download from, instead of the known ones. */
  mirrors?: readonly string[] | undefined;
  /** Milliseconds that the download of one file may take. Default 120,000. */
  timeout?: number | undefined;
  /** Called with one line for each step that takes time. Default: the standard error output. */
  log?: ((line: string) => void) | undefined;
}
export const acquireKinds: Kinds<AcquireOptions> = {
  root: option.string,
  cache: option.string,
  install: option.boolean,
  download: option.boolean,
  mirrors: option.listOf(option.string),
  timeout: option.number,
  log: option.callback,
};

export interface Acquired {
  readonly contents: Contents;
  readonly source: DataSource;
  /** How the files were come by, in one line. */
  readonly reason: string;
}

/**
 * Find the files `names` of a set: in `root`, the cache folder, an installed npm package, Debian's folder (installing the package if told to), by download.
 * Each file is checked against its published SHA-256.
 *
 * @throws FormatError when a file in `root` is damaged. UnavailableError, saying what was tried, when the files are nowhere to be had.
 */
export async function acquire(set: FileSet, names: readonly string[], options: AcquireOptions = {}): Promise<Acquired> {
  const log = options.log ?? ((line: string) => console.error(line));
  const cache = options.cache ?? cacheFolder(set);
  const tried: string[] = [];
  const look = async (folder: string): Promise<Contents | undefined> => {
    try {
      const contents = await readFolder(set, names, folder);
      if (typeof contents !== "string") return contents;
      tried.push(contents);
    } catch (error) {
      // damage in a folder that nobody named is not the caller's doing: say so and look further
      if (!(error instanceof FormatError) || folder === options.root) throw error;
      log(`${set.name}: passing over ${error.message}`);
      tried.push(error.message);
    }
    return undefined;
  };

  if (options.root !== undefined) {
    const contents = await look(options.root);
    if (contents) return { contents, source: "folder", reason: `read from ${options.root}` };
    log(`${set.name}: ${tried[0]}, looking elsewhere`);
  }
  if (cache !== undefined) {
    const contents = await look(cache);
    if (contents) return { contents, source: "cache", reason: `read from the cache ${cache}` };
  }
  if (set.npm) {
    const folder = npmFolder(set.npm);
    const contents = folder === undefined ? undefined : await look(folder);
    if (contents) return { contents, source: "package", reason: `read from the package ${set.npm.package}` };
    if (folder === undefined) tried.push(`the package ${set.npm.package} is not installed`);
  }
  if (set.debian) {
    const { folder } = set.debian;
    let contents = await look(folder);
    if (!contents && options.install) {
      const refused = await installDebianPackage(set, log);
      if (refused) tried.push(refused);
      else contents = await look(folder);
    }
    if (contents) return { contents, source: "debian", reason: `read from Debian's ${folder}` };
  }
  if (options.download ?? true) {
    const { timeout = 120_000, mirrors = set.mirrors } = options;
    const contents = await download(set, names, { mirrors, timeout, cache, log });
    if (typeof contents !== "string") return { contents, source: "download", reason: "downloaded" };
    tried.push(contents);
  }
  throw new UnavailableError(
    `${set.name}: the files are nowhere to be had: ${tried.join("; ")}`,
    "pass a folder that holds them, or allow the download",
  );
}
