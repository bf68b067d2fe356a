// Files that PyTorch 2.13 wrote, in models of ours.
import { FlambeauError, io, linspace, nn, type Tensor, tensor } from "flambeau";
import { describe, expect, it } from "vitest";
import { recordedFiles } from "../../io/test/torch/files.ts";

const recorded = new Map(recordedFiles().map(({ file, bytes }) => [file, bytes]));
const fileOf = (name: string): Uint8Array => recorded.get(name) ?? expect.fail(`${name} is not recorded`);
type StateDict = Readonly<Record<string, Tensor>>;
/** The outputs are PyTorch's, of the same modules with the same state. */
const close = (read: readonly number[], expected: readonly number[]) => {
  expect(read.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(read[i] - value)).toBeLessThan(1e-6);
};

describe("a state dict of PyTorch's in a module of ours", () => {
  it("a checkpoint: model, optimizer, epoch", async () => {
    interface Group {
      readonly lr: number;
      readonly betas: readonly number[];
      readonly amsgrad: boolean;
      readonly params: readonly number[];
    }
    const run = await io.loadPt<{
      epoch: number;
      model: StateDict;
      optimizer: { state: ReadonlyMap<number, StateDict>; param_groups: readonly Group[] };
    }>(fileOf("checkpoint.pt"));
    const model = new nn.Sequential(
      new nn.Linear(3, 4),
      new nn.ReLU(),
      new nn.BatchNorm1d(4),
      new nn.Linear(4, 2),
    ).eval();
    expect(model.loadStateDict(run.model)).toEqual({ missingKeys: [], unexpectedKeys: [] });
    const y = model.forward(
      tensor([
        [1, -2, 0.5],
        [0, 3, -1],
      ]),
    );
    close(
      y.flatten().tolist() as number[],
      [-0.5406308174133301, -0.07974132895469666, -1.1658788919448853, 0.7548981308937073],
    );
    // plain data with tensors at its leaves
    expect(run.epoch).toBe(3);
    const { state, param_groups } = run.optimizer;
    expect([...state.keys()]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(Object.keys(state.get(0) ?? {})).toEqual(["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"]);
    expect(state.get(0)?.step.item()).toBe(3);
    expect(state.get(0)?.exp_avg.shape).toEqual([4, 3]);
    expect(param_groups.map(({ betas, amsgrad, params }) => ({ betas, amsgrad, params }))).toEqual([
      { betas: [0.9, 0.999], amsgrad: true, params: [0, 1] },
      { betas: [0.9, 0.999], amsgrad: true, params: [2, 3, 4, 5] },
    ]);
  });

  it.each(["lstm_state_dict.pt", "legacy_lstm.pt"])("an LSTM: %s", async (name) => {
    const lstm = new nn.LSTM(5, 6, { numLayers: 2, bidirectional: true });
    lstm.loadStateDict(await io.loadPt<StateDict>(fileOf(name)));
    const [y] = lstm.forward(linspace(-1, 1, 15).reshape(3, 1, 5));
    close(
      y.at(0, 0).tolist() as number[],
      [
        -0.08619099855422974, 0.03086206503212452, 0.09504187852144241, -0.04877891391515732, -0.05191365256905556,
        -0.0328824408352375, 0.03577858582139015, -0.020741140469908714, 0.167386993765831, 0.04314747452735901,
        -0.22205287218093872, 0.2823259234428406,
      ],
    );
  });

  it("one that does not fit is named", async () => {
    const state = await io.loadPt<StateDict>(fileOf("lstm_state_dict.pt"));
    expect(() => new nn.LSTM(5, 6).loadStateDict(state)).toThrow(FlambeauError);
    expect(() => new nn.LSTM(5, 6).loadStateDict(state)).toThrow(/unexpected keys: weight_ih_l0_reverse/);
  });
});
