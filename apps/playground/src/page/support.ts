/** What this browser offers, and in words for the visitor what it does not. */
export interface Support {
  /** Why there is no WebGPU; undefined when there is. */
  readonly webgpuMissing: string | undefined;
  /** Why WebAssembly has one thread only; undefined when it may have more. */
  readonly threadsMissing: string | undefined;
}

async function webgpuMissing(): Promise<string | undefined> {
  if (!isSecureContext) return "this page came over an insecure connection (use https or localhost)";
  if (!navigator.gpu) return "this browser has no navigator.gpu (use a current version, or turn WebGPU on)";
  try {
    if (await navigator.gpu.requestAdapter()) return undefined;
  } catch (error) {
    return `asking for a graphics adapter failed (${error instanceof Error ? error.message : error})`;
  }
  return "the browser found no graphics adapter (blocked, or hardware acceleration is off)";
}

function threadsMissing(): string | undefined {
  if (!crossOriginIsolated) {
    return "this page is not cross-origin isolated (its server does not send the headers COOP and COEP)";
  }
  if (navigator.hardwareConcurrency === 1) return "this machine has one processor core";
  return undefined;
}

export const detectSupport = async (): Promise<Support> => ({
  webgpuMissing: await webgpuMissing(),
  threadsMissing: threadsMissing(),
});
