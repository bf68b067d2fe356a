import {
  bytesOf,
  type ConvAttrs,
  compileProgram,
  type FusedKernels,
  input,
  scalarType,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf, laidOut } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { reduce } from "../kernels/reduce.ts";
import { fewBlocks, tile, tilesOf, tileThreads } from "../kernels/tiles.ts";
import { allFloats, allStored } from "./floats.ts";
import { writeWindows } from "./windows.ts";

const mostBlocks = 65_535;
/** Sums for too few blocks are sliced, into pieces of at least so many terms. */
const slice = 1024;

/** Two spatial dimensions (one comes as two). */
const planar = (views: readonly (View | undefined)[]): boolean =>
  views[0]?.shape.length === 4 && views[1]?.shape.length === 4;
const supports = (views: readonly (View | undefined)[]): boolean => allStored(views) && planar(views);

/** Convolutions over planes, and their gradients (native/kernels/conv.cuh). */
export function convKernels(engine: Engine): Required<FusedKernels<"conv" | "convTranspose" | "convWeightGrad">> {
  /** Writes the geometry: of x, of the weight, of y. */
  const begin = (
    x: readonly number[],
    weight: readonly number[],
    y: readonly number[],
    { groups, ...windows }: ConvAttrs,
  ): Words => {
    const words = engine.words().ints([x[0], groups, weight[1], weight[0] / groups]);
    return writeWindows(words, x.slice(2), y.slice(2), weight.slice(2), windows);
  };
  const tiles = (groups: number, rows: number, columns: number): number => tilesOf(tile, groups, rows, columns);
  const launch = (kernel: string, blocks: number): void =>
    engine.launch(kernel, Math.min(blocks, mostBlocks), 1, tileThreads);

  return {
    conv: {
      supports,
      run([x, weight, bias], [y], attrs) {
        begin(x.shape, weight.shape, y.shape, attrs)
          .ints([addressOf(y), addressOf(x), addressOf(weight)])
          .int(bias ? addressOf(bias) : 0);
        const [images, outputs, high, wide] = y.shape;
        launch(`conv_${x.dtype}`, tiles(attrs.groups, images * high * wide, outputs / attrs.groups));
      },
    },
    convTranspose: {
      supports,
      run([g, weight], [dx], attrs) {
        begin(dx.shape, weight.shape, g.shape, attrs).ints([addressOf(dx), addressOf(g), addressOf(weight)]);
        const [images, , high, wide] = dx.shape;
        launch(`conv_transpose_${g.dtype}`, tiles(attrs.groups, images * high * wide, weight.shape[1]));
      },
    },
    convWeightGrad: {
      supports: (inputs) => allFloats(inputs) && planar(inputs),
      run([g, x], [dweight], attrs) {
        const { shape, dtype } = dweight;
        const { groups } = attrs;
        const blocks = tiles(groups, shape[0] / groups, sizeOf(shape.slice(1)));
        const long = (g.shape[0] * sizeOf(g.shape.slice(2))) / slice;
        const slices = Math.max(1, Math.floor(Math.min(fewBlocks / blocks, long)));
        const size = sizeOf(shape);
        const parts = slices === 1 ? null : engine.alloc(slices * size * bytesOf(dtype));
        try {
          begin(x.shape, shape, g.shape, attrs)
            .int(slices)
            .ints([parts?.pointer ?? addressOf(dweight), addressOf(g), addressOf(x)]);
          launch(`conv_weight_grad_${dtype}`, blocks * slices);
          if (parts === null) return;
          const same = compileProgram(input(0), [dtype], 0, scalarType(dtype), dtype);
          const sliced: View = { buffer: parts, dtype, offset: 0, shape: [slices, size], strides: [size, 1] };
          reduce(engine, "sum", same, [sliced], [], laidOut(dweight, [1, size], [size, 1]), [0]);
        } finally {
          if (parts !== null) engine.free(parts);
        }
      },
    },
  };
}
