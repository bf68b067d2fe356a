// Writes what is made from the sources and their docstrings: `npm run tables`.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { contractPage, contractText } from "./contract-page.ts";
import { coveragePage, coverageText } from "./coverage.ts";
import { guide, guideText } from "./fused-table.ts";
import { methodsFile, methodsText } from "./methods-interface.ts";
import { opCoveragePage, opCoverageText } from "./op-coverage.ts";
import { opsPage, page } from "./ops-table.ts";
import { page as options, optionsPage } from "./options-table.ts";
import { quoted, quotingPages } from "./quotes.ts";
import { root } from "./setup/paths.mjs";
import { toolchainsPage, toolchainsText } from "./toolchains-page.ts";
import { torchNamesPage, torchNamesText } from "./torch-names.ts";
import { torch7Page, torch7Text } from "./torch7-names.ts";

writeFileSync(join(root, methodsFile), methodsText());
writeFileSync(join(root, page), opsPage());
writeFileSync(join(root, opCoveragePage), opCoverageText());
writeFileSync(join(root, options), optionsPage());
writeFileSync(join(root, guide), guideText());
writeFileSync(join(root, toolchainsPage), await toolchainsText());
writeFileSync(join(root, torchNamesPage), torchNamesText());
writeFileSync(join(root, coveragePage), coverageText());
writeFileSync(join(root, torch7Page), torch7Text());
writeFileSync(join(root, contractPage), contractText());
for (const each of quotingPages()) writeFileSync(join(root, each), quoted(each));
