// Flambeau's rows on what an op costs beside its arithmetic, which only `--against` looks at.
import { randn, type Tensor } from "flambeau";
import { type Prepared, timed, type Workbench } from "../protocol.ts";
import { inScopes } from "../rivals/ours-workloads.ts";

const onRandom = (call: (x: Tensor) => unknown, shape: readonly number[] = [8, 8]) => {
  const x = randn(shape);
  return inScopes(() => {
    call(x);
  });
};

function backward(): Prepared {
  const [a, b] = [randn([8, 8], { requiresGrad: true }), randn([8, 8])];
  return inScopes(() => a.mul(b).sum().backward());
}

/** The bytes that the results of `make` hold of the JavaScript heap, where other rows answer milliseconds. */
function heapOf(make: () => Tensor): Prepared {
  const collect = globalThis.gc;
  if (!collect) throw new Error("needs Node's --expose-gc");
  const held = (count: number) => {
    const kept: Tensor[] = new Array(count);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < count; i++) kept[i] = make();
    collect();
    const bytes = process.memoryUsage().heapUsed - before;
    for (const tensor of kept) tensor.dispose();
    return bytes;
  };
  timed(() => make().dispose())(1000); // what the first calls leave behind, as compiled code, is not the op's
  return { run: held };
}

export const workbench: Workbench = {
  mul_number_8x8_tidy_us: () => onRandom((x) => x.mul(0.5)),
  transpose_8x8_tidy_us: () => onRandom((x) => x.transpose(0, 1)),
  sum_8x8_tidy_us: () => onRandom((x) => x.sum()),
  sum_128x64_columns_tidy_us: () => onRandom((x) => x.sum(0), [128, 64]),
  sum_4096x8_rows_tidy_us: () => onRandom((x) => x.sum(1), [4096, 8]),
  sum_4096x4_rows_tidy_us: () => onRandom((x) => x.sum(1), [4096, 4]),
  sum_512x7x8_stretches_tidy_us: () => onRandom((x) => x.sum([0, 2]), [512, 7, 8]),
  sum_1e6_tidy_us: () => onRandom((x) => x.sum(), [1_000_000]),
  softmax_8x8_tidy_us: () => onRandom((x) => x.softmax(-1)),
  matmul_8x8_tidy_us: () => onRandom((x) => x.matmul(x)),
  backward_8x8_tidy_us: backward,
  add_8x8_heap_bytes: () => {
    const [a, b] = [randn([8, 8]), randn([8, 8])];
    return heapOf(() => a.add(b));
  },
  add_8x8_grad_heap_bytes: () => {
    const [a, b] = [randn([8, 8], { requiresGrad: true }), randn([8, 8])];
    return heapOf(() => a.add(b));
  },
};
