import * as nn from "@flambeau/nn";
import type { Tensor } from "@flambeau/tensor";

type Options = { readonly [name: string]: unknown };
type Parametrize = <M extends nn.Module>(module: M, name?: string, options?: Options) => M;

/** What curves need that is not there in every state of the packages: looked up when a curve runs, typed as PyTorch has it. */
interface Later {
  readonly TransformerEncoderLayer: new (dModel: number, nhead: number, options: Options) => nn.Module;
  readonly TransformerEncoder: new (
    layer: nn.Module,
    layers: number,
  ) => nn.Module & {
    forward(src: Tensor, options: Options): Tensor;
  };
  readonly Transformer: {
    new (options: Options): nn.Module & { forward(src: Tensor, tgt: Tensor, options: Options): Tensor };
    generateSquareSubsequentMask(size: number, options: Options): Tensor;
  };
  readonly utils: {
    readonly rnn: { packPaddedSequence(x: Tensor, lengths: Tensor, options: Options): unknown };
    readonly parametrizations: {
      readonly weightNorm: Parametrize;
      readonly spectralNorm: Parametrize;
      readonly orthogonal: Parametrize;
    };
  };
}
export const later: Later = { ...nn } as unknown as Later; // each is asked for by `has` first

/** Whether all of these paths lead to something: `utils.rnn.packPaddedSequence`. */
export const has = (...paths: readonly string[]): boolean =>
  paths.every((path) => {
    let at: unknown = later;
    for (const name of path.split(".")) at = (at as Options | undefined)?.[name];
    return at !== undefined;
  });
