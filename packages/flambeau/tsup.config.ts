import { library } from "../../tsup.base.ts";

export default library([
  "src/index.ts",
  "src/webgpu.ts",
  "src/torch7.ts",
  "src/vision.ts",
  "src/notebook.ts",
  "src/plot.ts",
  "src/csv.ts",
]);
