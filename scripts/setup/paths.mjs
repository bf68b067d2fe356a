import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Everything the set-up makes outside node_modules: toolchain, stamps, lock, downloads. Never committed. */
export const cache = join(root, ".cache");
