import { join } from "node:path";
import { cache, root } from "../../../../scripts/setup/paths.mjs";

/** The app's folder. */
export const app: string = join(root, "apps/docs");
/** Where the pages are put together. */
export const staged: string = join(cache, "docs/pages");
/** Where the examples stand. */
export const examples: string = join(app, "examples");
