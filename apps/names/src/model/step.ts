import { losses, optim, type Tensor } from "flambeau";
import type { NameNetwork } from "./network.ts";

const longestGradient = 1;

/** What a network learns with. */
export const nameOptimizer = (network: NameNetwork, lr: number): optim.AdamW =>
  new optim.AdamW(network.parameters(), { lr });

/** The mean of what each counting target costs, in nats. */
export const lossOf = (network: NameNetwork, inputs: Tensor, targets: Tensor, reduction?: "sum"): Tensor =>
  losses.crossEntropy(network.forward(inputs).flatten(0, 1), targets.flatten(), { reduction });

/** A step on a batch. @returns its loss, which nobody has waited for yet */
export function learn(network: NameNetwork, optimizer: optim.AdamW, [inputs, targets]: [Tensor, Tensor]): Tensor {
  const loss = lossOf(network, inputs, targets);
  optimizer.zeroGrad();
  loss.backward();
  optim.clipGradNorm_(network.parameters(), longestGradient);
  optimizer.step();
  return loss.detach();
}
