/** What scripts/gpt_torch.py has written. */
export interface TorchRecord {
  readonly torch: string;
  readonly settings: {
    readonly steps: number;
    readonly batch_size: number;
    readonly block: number;
    readonly layers: number;
    readonly heads: number;
    readonly width: number;
    readonly position: "learned" | "rotary";
    readonly lr: number;
    readonly warmup: number;
    readonly eval_every: number;
    readonly seed: number;
  };
  readonly characters: number;
  readonly parameters: number;
  readonly train: readonly (readonly [step: number, loss: number])[];
  readonly lr: readonly (readonly [step: number, lr: number])[];
  readonly validation: readonly (readonly [step: number, loss: number])[];
}
