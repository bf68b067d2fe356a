import { ArgumentError, FormatError } from "@flambeau/tensor/functional";

/** The members of an archive that are read: all that can be, or those that are named, which must be readable. */
export class Members<Read> {
  readonly read: Map<string, Read> = new Map();
  /** Why the others were left out. */
  readonly skipped: Map<string, string> = new Map();
  readonly #file: string;
  readonly #only: ReadonlySet<string> | undefined;

  constructor(file: string, only: readonly string[] | undefined) {
    this.#file = file;
    this.#only = only && new Set(only);
  }

  /** Those of all members that are wanted. @throws ArgumentError when one is wanted that is not there. */
  choose<Member extends { readonly name: string }>(all: readonly Member[]): readonly Member[] {
    const only = this.#only;
    if (!only) return all;
    const chosen = all.filter(({ name }) => only.has(name));
    const found = new Set(chosen.map(({ name }) => name));
    const absent = [...only].find((name) => !found.has(name));
    if (absent !== undefined) {
      const some = all.slice(0, 10).map(({ name }) => name);
      const more = all.length > some.length ? ` and ${all.length - some.length} more` : "";
      throw new ArgumentError(
        "only",
        `${this.#file} has no ${JSON.stringify(absent)}`,
        `it holds ${some.join(", ")}${more}`,
      );
    }
    return chosen;
  }

  /** Take what a member holds, or the reason why that cannot be read. */
  add(name: string, read: Read | string, offset: number): void {
    if (typeof read !== "string") this.read.set(name, read);
    else if (this.#only) throw new FormatError(this.#file, offset, `"${name}" cannot be read: ${read}`);
    else this.skipped.set(name, read);
  }
}
