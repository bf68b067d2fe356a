import { inspect } from "node:util";
import {
  arange,
  at,
  DeviceError,
  DeviceLostError,
  type DType,
  expand,
  type FlambeauError,
  losses,
  ones,
  optim,
  randn,
  registerBackend,
  type Tensor,
  tensor,
  UnavailableError,
  where,
  zeros,
} from "flambeau";
import { beforeEach, describe, expect, it } from "vitest";
import { RemoteDevice } from "../support/remote.ts";

const device = "remote";
let remote: RemoteDevice;
beforeEach(() => {
  remote = new RemoteDevice();
  registerBackend(remote);
});
const there = (values: number[] | number[][], dtype: DType = "float32") => tensor(values, { dtype, device });

describe("asynchronous reads", () => {
  const make: [what: string, view: (x: Tensor) => Tensor][] = [
    ["whole", (x) => x],
    ["a row", (x) => x.at(1)],
    ["a column", (x) => x.at("...", 1)],
    ["transposed", (x) => x.t()],
    ["every other column", (x) => x.at("...", { from: 0, step: 2 })],
    ["one element", (x) => x.at(1, 2)],
    ["broadcast", (x) => expand(x.unsqueeze(0), [3, 2, 3])],
    ["an empty range", (x) => x.at({ from: 1, to: 1 })],
    ["turned around", (x) => x.flip([0])],
  ];
  const dtypes = ["float32", "int32", "bool", "uint8", "int8", "int16", "float16", "bfloat16"] as const;
  for (const [what, view] of make)
    it.each(dtypes)(`give what the CPU gives: ${what}, %s`, async (dtype) => {
      const values = [
        [0, 1, 2],
        [3, 0, 5],
      ];
      const ours = view(there(values, dtype));
      const theirs = view(tensor(values, { dtype }));
      expect(await ours.tolistAsync()).toEqual(theirs.tolist());
      expect(await ours.data()).toEqual(theirs.dataSync());
      if (theirs.size === 1) expect(await ours.itemAsync()).toBe(theirs.item());
      const back = await ours.toAsync("cpu");
      expect(back.device).toBe("cpu");
      expect(back.dtype).toBe(dtype);
      expect(back.tolist()).toEqual(theirs.tolist());
      expect(await ours.toStringAsync()).toBe(String(theirs).replace(/\)$/, `, device="remote")`));
    });

  it("fetch only the window of a view, and free their copy of a strided one", async () => {
    const x = zeros([100, 100], { device });
    const { buffers } = remote.memory();
    remote.asked.bytes = 0;
    await at(x, 3).data();
    expect(remote.asked.bytes).toBe(400);
    await at(x, "...", 3).data();
    expect(remote.asked.bytes).toBe(800);
    expect(remote.memory().buffers).toBe(buffers);
  });

  it("that fail free their copy, too, and leave the tensor as it was", async () => {
    const x = there([
      [1, 2],
      [3, 4],
    ]);
    const { buffers } = remote.memory();
    const read = remote.read.bind(remote);
    const lost = new DeviceLostError("remote", "it was unplugged", "await a new one");
    Object.assign(remote, { read: () => Promise.reject(lost) });
    await expect(x.t().data()).rejects.toBe(lost);
    expect(remote.memory().buffers).toBe(buffers);
    Object.assign(remote, { read });
    expect(await x.t().tolistAsync()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect([lost.name, lost.message, lost.device, lost.reason]).toEqual([
      "DeviceLostError",
      'device "remote" was lost: it was unplugged\n  hint: await a new one',
      "remote",
      "it was unplugged",
    ]);
    expect(lost).toBeInstanceOf(DeviceError);
  });
  it("give the values of the moment of the call", async () => {
    const x = there([1, 2]);
    const before = x.tolistAsync();
    x.add_(1);
    expect(await before).toEqual([1, 2]);
    const gone = x.tolistAsync();
    x.dispose();
    expect(await gone).toEqual([2, 3]);
  });

  it("leave the middle of a large tensor out when printing", async () => {
    const x = arange(5000, null, 1, { device });
    remote.asked.bytes = 0;
    expect(await x.toStringAsync()).toBe('tensor([   0,    1,    2,  ..., 4997, 4998, 4999], device="remote")');
    expect(remote.asked.bytes).toBe(24);
  });
});

describe("toAsync", () => {
  it("is recorded: gradients go back to the device", async () => {
    const x = tensor([1, 2], { device, requiresGrad: true });
    const y = await x.mul(3).toAsync("cpu");
    y.mul(tensor([1, 10]))
      .sum()
      .backward();
    expect(x.grad?.device).toBe(device);
    expect(await x.grad?.tolistAsync()).toEqual([3, 30]);
  });
  it("converts on the way, on whichever side has the dtype", async () => {
    const wide = tensor([1.5, 2], { dtype: "float64" });
    expect(() => wide.to(device)).toThrow('to: device "remote" has no float64');
    const narrow = wide.to({ device, dtype: "float32" });
    const back = await narrow.toAsync({ device: "cpu", dtype: "float64" });
    expect([back.dtype, back.tolist()]).toEqual(["float64", [1.5, 2]]);
  });
  it("leaves nothing behind when it fails: neither what it converted nor what it moved", async () => {
    const other = new RemoteDevice("remote:1", ["int16"]);
    registerBackend(other);
    const target = { device: "remote:1", dtype: "float32" } as const;
    const lost = new DeviceLostError("remote", "it was unplugged", "await a new one");
    const x = there([1, 2], "int16");
    const buffers = () => [remote.memory().buffers, other.memory().buffers];
    const before = buffers();
    const { read } = remote;
    Object.assign(remote, { read: () => Promise.reject(lost) });
    await expect(x.toAsync(target)).rejects.toBe(lost);
    expect(buffers()).toEqual(before);
    Object.assign(remote, { read });
    Object.assign(other, {
      write() {
        throw lost;
      },
    });
    await expect(x.toAsync(target)).rejects.toBe(lost);
    expect(buffers()).toEqual(before);
  });
  it("gives the tensor itself where nothing changes", async () => {
    const x = there([1]);
    expect(await x.toAsync(device)).toBe(x);
  });
});

it("prints without values, by inspect too, where they need await", () => {
  const x = there([1, 2], "int16");
  const text = 'tensor(<[2]: await x.toStringAsync()>, dtype=int16, device="remote")';
  expect([String(x), inspect(x)]).toEqual([text, text]);
  expect(String(zeros([0], { device }))).toBe('tensor([], device="remote")');
});

describe("what needs values at once says so, by one error", () => {
  const x = () => there([1, 2]);
  const matrix = () =>
    there([
      [2, 1],
      [1, 2],
    ]);
  const mask = () => tensor([true, false], { device });
  const leaf = () => tensor([1, 2], { device, requiresGrad: true });
  it.each<[op: string, call: () => unknown, hint: RegExp]>([
    ["dataSync", () => x().dataSync(), /await x\.data\(\)/],
    ["item", () => x().sum().item(), /await x\.itemAsync\(\)/],
    ["tolist", () => x().tolist(), /await x\.tolistAsync\(\)/],
    ["to", () => x().to("cpu"), /await x\.toAsync\("cpu"\)/],
    ["equal", () => x().equal(x()), /await all\(eq\(x, y\)\)\.itemAsync\(\)/],
    ["allclose", () => x().allclose(x()), /await all\(isclose\(x, y\)\)/],
    ["nonzero", () => x().nonzero(), /toAsync\("cpu"\)/],
    ["where", () => where(mask()), /toAsync/],
    ["maskedSelect", () => x().maskedSelect(mask()), /toAsync/],
    ["at", () => x().at(mask()), /where\(mask, a, b\)/],
    ["unique", () => x().unique(), /toAsync/],
    ["bincount", () => there([1, 2], "int32").bincount(), /toAsync/],
    ["oneHot", () => there([1, 2], "int32").oneHot(), /pass numClasses/],
    ["histogram", () => x().histogram(2), /pass range/],
    ["repeatInterleave", () => x().repeatInterleave(there([1, 2], "int32")), /on the cpu/],
    ["tensorSplit", () => x().tensorSplit(there([1], "int32")), /on the cpu/],
    ["multinomial", () => x().multinomial(1), /toAsync/],
    ["qr", () => matrix().qr(), /toAsync/],
    ["inv", () => matrix().inv(), /toAsync/],
    ["ctc", () => losses.ctc(zeros([2, 1, 3], { device }), there([[1]], "int32"), [2], [1]), /on the cpu/],
    [
      "clipGradNorm_",
      () => {
        const w = leaf();
        w.sum().backward();
        optim.clipGradNorm_([w], 1, { errorIfNonfinite: true });
      },
      /await norm\.itemAsync\(\)/,
    ],
    ["LBFGS", () => new optim.LBFGS([leaf()]).step(() => x().sum()), /toAsync\("cpu"\)/],
  ])("%s", (op, call, hint) => {
    let error: unknown;
    try {
      call();
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(UnavailableError);
    const { message } = error as FlambeauError; // by the line above
    expect(message).toMatch(new RegExp(`^${op}: device "remote" cannot be read synchronously, and `));
    expect(message).toMatch(hint);
  });

  it("in the backward pass of a transfer from the CPU, too", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    expect(() => w.to(device).sum().backward()).toThrow(
      'the gradient of to: device "remote" cannot be read synchronously, and it goes back to device "cpu" at once',
    );
  });
});

it("needs no read for what can do without", async () => {
  remote.asked.reads = 0;
  const x = randn([4, 6], { device });
  x.quantile(0.5);
  x.at(tensor(1, { dtype: "int32", device }));
  x.sigmoid().bernoulli();
  losses.gaussianNll(x, x, x.square());
  there([0, 2], "int32").oneHot(3);
  expect(remote.asked.reads).toBe(0);
  expect(ones([2], { device }).device).toBe(device);
});

it("one value goes to the places of a mask without a read, on rows and elements", async () => {
  const rows = () => [
    [1, 2],
    [3, 4],
  ];
  const where = [[true, false], rows().map((r) => r.map((v) => v > 2))] as const;
  for (const mask of where) {
    remote.asked.reads = 0;
    const ours = there(rows()).setAt_(7, tensor(mask, { device }));
    expect(remote.asked.reads).toBe(0);
    expect(await ours.tolistAsync()).toEqual(
      mask === where[0]
        ? [
            [7, 7],
            [3, 4],
          ]
        : [
            [1, 2],
            [7, 7],
          ],
    );
  }
  const columns = there(rows()).setAt_(there([[9]]), "...", tensor([false, true], { device }));
  expect(await columns.tolistAsync()).toEqual([
    [1, 9],
    [3, 9],
  ]);
  const x = there(rows());
  x.setAt_(x.at(0, 1), x.lt(4));
  expect(await x.tolistAsync()).toEqual([
    [2, 2],
    [2, 4],
  ]);
});

it("a device that was registered anew is another device", async () => {
  const old = there([1, 2]);
  registerBackend(new RemoteDevice());
  expect(() => there([1, 2]).add(old)).toThrow('add: tensors are on two devices named "remote"');
  expect(await (await old.toAsync(device)).add(there([1, 2])).tolistAsync()).toEqual([2, 4]);
});
