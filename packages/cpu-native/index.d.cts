/** Where the addon of this platform is; undefined where there is none. */
export const path: string | undefined;
/** Why there is none; undefined where there is one. */
export const reason: string | undefined;
/** The addon at a path, if it is what `path`.json, written when it was built, says of it. */
export function whole(path: string): { readonly path: string } | { readonly reason: string };
