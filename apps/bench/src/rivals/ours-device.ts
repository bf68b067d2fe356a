// What Flambeau's sides on devices have in common: a number is awaited, since calls return before their work is done.
import { type Tensor, tidy } from "flambeau";
import { type Prepared, timedAsync, timedInChunks } from "../protocol.ts";
import type { Task } from "./ours-models.ts";

/** `chunk` calls between two waits for the device. */
export const op = (chunk: number, call: () => Tensor): Prepared => ({
  run: timedInChunks(chunk, {
    call,
    settle: (last) => last.flatten().select(0, 0).itemAsync(),
    release: (result) => result.dispose(),
  }),
});

export function training({ optimizer, loss: forward }: Task): Prepared & { readonly step: () => Promise<void> } {
  let last = Number.NaN;
  const step = async () => {
    const loss = tidy(() => {
      const loss = forward();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss.detach();
    });
    last = await loss.itemAsync();
    loss.dispose();
  };
  return { step, run: timedAsync(step), loss: () => last };
}
