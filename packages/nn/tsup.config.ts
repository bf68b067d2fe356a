import { library } from "../../tsup.base.ts";

export default library(["src/index.ts", "src/ops.ts", "src/torch7/index.ts"]);
