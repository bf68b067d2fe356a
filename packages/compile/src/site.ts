/** The packages that a program's own calls go through. */
const inside = /[/\\](tensor|autograd|nn|losses|optim|compile)[/\\](src|dist)[/\\]/;
/** Calls of layers in layers: the program's own line may be far up. */
const frames = 40;

/** Where the program is, as a line of a stack trace; empty where the platform does not tell. */
export function programSite(): string {
  const settings = Error as { stackTraceLimit?: number }; // V8's
  const before = settings.stackTraceLimit;
  if (before !== undefined) settings.stackTraceLimit = frames;
  const lines = (new Error().stack ?? "").split("\n").slice(1);
  if (before !== undefined) settings.stackTraceLimit = before;
  return (lines.find((line) => !inside.test(line)) ?? "").trim().replace(/^at /, "");
}
