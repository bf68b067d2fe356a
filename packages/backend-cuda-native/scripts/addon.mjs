// The addon, as scripts/native/compile.mjs builds it.
import { folder, sources } from "./sources.mjs";

/** @type {import("../../../scripts/native/compile.mjs").Addon} */
export const addon = {
  folder,
  name: "flambeau-cuda",
  units: () => sources("addon").map((source) => ({ source })),
};
