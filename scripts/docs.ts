// Writes what the documentation has from the sources: `npm run docs`.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { guide, guideText } from "./fused-table.ts";
import { opsPage, page } from "./ops-table.ts";
import { root } from "./setup/paths.mjs";

writeFileSync(join(root, page), opsPage());
writeFileSync(join(root, guide), guideText());
