// Training steps.
import { gpt } from "../rivals/ours-gpt.ts";
import { cnn, lstm, mlp } from "../rivals/ours-models.ts";
import { discriminator, encoderLayer, generator, gru, lstmLanguageModel, residualBlock } from "./models.ts";
import { type ScalingRow, step } from "./row.ts";

/**
 * Floating-point operations of a step of a recurrent layer: what the input and the state are multiplied with, forward and for the weights'
 * gradients, and what goes back to the state and, where the layer is not the first, to the input.
 */
const recurrentFlops = (sums: number, steps: number, batch: number, input: number, hidden: number, first: boolean) =>
  2 * steps * batch * sums * (2 * (input + hidden) + hidden + (first ? 0 : input));

const asked = (wasm: number, native: number) => ({ target: { wasm, native } });

export const steps: readonly ScalingRow[] = [
  step("mlp", "MLP 784-256-128-10, batch 64, Adam", mlp, asked(0.6, 0.45)),
  step("cnn", "CNN of PyTorch's MNIST example, batch 64, Adam", cnn, asked(0.85, 0.6)),
  step("gpt_d64", "GPT, 2 layers of width 64, 64 tokens, batch 12, AdamW", () => gpt(64, 64, 2, 12), asked(1.3, 0.85)),
  step(
    "gpt_d128",
    "GPT, 4 layers of width 128, 128 tokens, batch 16, AdamW",
    () => gpt(128, 128, 4, 16),
    asked(1.9, 0.9),
  ),
  step("lstm", "LSTM 64-128, 50 steps, batch 32, Adam", lstm, {
    ...asked(2.4, 1),
    flops: recurrentFlops(4 * 128, 50, 32, 64, 128, true),
  }),
  step("lstm_lm", "two LSTM layers of 200, 1000 words, 35 steps, batch 20, SGD", lstmLanguageModel, {
    ...asked(2.6, 1),
    // the head is a product forward and two back
    flops: 2 * recurrentFlops(4 * 200, 35, 20, 200, 200, false) + 3 * 2 * 700 * 200 * 1000,
  }),
  step("gru", "GRU 64-128, 50 steps, batch 32, Adam", gru, {
    ...asked(1.2, 0.8),
    flops: recurrentFlops(3 * 128, 50, 32, 64, 128, true),
  }),
  step("dcgan_d", "DCGAN's discriminator, 32×32, batch 16, Adam", discriminator, asked(2.5, 1.2)),
  step("dcgan_g", "DCGAN's generator, 32×32, batch 16, Adam", generator, asked(2.3, 1.2)),
  step("encoder", "encoder layer of width 256, 128 tokens, batch 8, Adam", encoderLayer, asked(2.4, 0.95)),
  step("resnet", "residual blocks, 64 to 128 channels, 32×32, batch 8, SGD", residualBlock, asked(1.6, 0.9)),
];
