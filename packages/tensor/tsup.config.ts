import { library } from "../../tsup.base.ts";

export default library(["src/index.ts", "src/functional.ts", "src/plugin.ts", "src/ops.ts"]);
