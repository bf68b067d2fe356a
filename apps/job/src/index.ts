export { type Chart, type Series, smoothed } from "./chart/chart.ts";
export { figure, lineChart } from "./chart/svg-chart.ts";
export { terminalChart } from "./chart/terminal-chart.ts";
export { type Metric, newestRun, newRunPath, RunFolder } from "./folder.ts";
export { Interrupts } from "./interrupts.ts";
export {
  type CommonOptions,
  commonFlags,
  commonHelp,
  commonOptions,
  endingHelp,
  integer,
  nonEmpty,
  positive,
  readFlags,
  UsageError,
} from "./options.ts";
export { Pace } from "./pace.ts";
export { runProgram, useDevice } from "./program.ts";
export { htmlPage, htmlTable, type Page } from "./report.ts";
export { duration, Progress, type Screen, type Status } from "./terminal/progress.ts";
