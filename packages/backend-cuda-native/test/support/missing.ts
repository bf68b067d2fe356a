import { emulationMissing } from "@flambeau/backend-cuda-native/emulated";

/** Why nothing runs on the emulated device here, or null. Says that `what` is skipped. */
export function missingFor(what: string): string | null {
  const missing = emulationMissing();
  if (missing !== null) console.warn(`SKIPPED: ${what}: ${missing}`);
  return missing;
}
