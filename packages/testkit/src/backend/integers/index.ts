import { lines, positions } from "./calls-lines.ts";
import { making } from "./calls-making.ts";
import { arrangements, views } from "./calls-views.ts";
import { windows } from "./calls-windows.ts";
import type { Calls } from "./maker.ts";

/** A call of each public function with integer arguments. */
export const calls: Calls = { ...views, ...arrangements, ...windows, ...lines, ...positions, ...making };
