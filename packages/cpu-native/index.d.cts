/** The addon's file, or why there is none. */
type Found = { readonly path: string } | { readonly reason: string };

declare const found: Found & {
  /** The addon at `path`, if it is what `path`.json, written when it was built, says of it. */
  whole(path: string): Found;
};
export = found;
