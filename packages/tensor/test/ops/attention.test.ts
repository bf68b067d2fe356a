import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { registerBackend, scaledDotProductAttention, type Tensor, tensor, tolist } from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

// figures of PyTorch 2.13
describe("attention of a query that may attend to nothing", () => {
  const rows = [
    [true, true],
    [false, false],
    [false, true],
  ];
  test.each([
    ["bools", () => tensor(rows)],
    ["floats", () => tensor(rows.map((row) => row.map((open) => (open ? 0 : -Infinity))))],
  ] as const)("is zeros and gives no gradient: masks of %s", (_, attnMask) => {
    const wanting = (x: number[][]) => tensor(x, { requiresGrad: true });
    const [q, k, v] = [
      wanting([
        [1, 0],
        [0, 1],
        [1, 1],
      ]),
      wanting([
        [1, 2],
        [0, -1],
      ]),
      wanting([
        [3, 1],
        [-2, 4],
      ]),
    ];
    const y = scaledDotProductAttention(q, k, v, { attnMask: attnMask() });
    close(y, [1.3488075733184814, 1.9907152652740479, 0, 0, -2, 4]);
    const upper = tensor([
      [1, 2],
      [5, 7],
      [-1, 1],
    ]);
    const [dq, dk, dv] = grad([y], [q, k, v], { gradOutputs: [upper] }) as Tensor[]; // all three took part
    close(dq, [-0.15639854967594147, -0.46919572353363037, 0, 0, 0, 0]);
    close(dk, [-0.15639854967594147, 0, 0.15639862418174744, 0]);
    close(dv, [0.6697615385055542, 1.3395230770111084, -0.6697615385055542, 1.6604769229888916]);
  });
});

function close(ours: Tensor, theirs: readonly number[]): void {
  const flat = (tolist(ours) as number[][]).flat(); // all are matrices
  expect(flat.length).toBe(theirs.length);
  flat.forEach((x, i) => {
    expect(Math.abs(x - theirs[i])).toBeLessThanOrEqual(1e-6);
  });
}
