import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  ArgumentError,
  AutogradError,
  backendOf,
  customOp,
  DataDependentError,
  empty,
  memory,
  registerBackend,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "@flambeau/tensor";
import { opNamed } from "@flambeau/tensor/ops";
import { type Call, decodeAttrs, dispatch, encodeAttrs, type View, withInterpreter } from "@flambeau/tensor/plugin";
import { describe, expect, it } from "vitest";
import { grad, jvp, opcheck, vmap } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const told = (call: () => unknown, kind: new (...rest: never[]) => Error, message: RegExp) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
};
const f64 = (values: number[]) => tensor(values, { dtype: "float64", requiresGrad: true });

/** x * sigmoid(beta x) + shift, from library ops. */
const swish = customOp("test::swish", {
  forward: ([x, shift]: readonly [Tensor, Tensor], { beta }: { beta: number }) =>
    x.mul(x.mul(beta).sigmoid()).add(shift),
  save: ([x]) => [x],
  vjp: ({ saved: [x], attrs: { beta }, needs }, [g]) => {
    const s = x.mul(beta).sigmoid();
    return [needs[0] ? (g?.mul(s.add(x.mul(beta).mul(s).mul(s.neg().add(1)))) ?? null) : null, g];
  },
});
/** Values of the host: nothing that the library could look into. */
const sorted = customOp("test::sortedWithSum", {
  forward: ([x]: readonly [Tensor]) => {
    const values = (x.tolist() as number[]).sort((a, b) => a - b);
    return [
      tensor(values, { dtype: x.dtype }),
      tensor(
        values.reduce((a, b) => a + b),
        { dtype: x.dtype },
      ),
    ] as const;
  },
  save: ([x]) => [x],
  vjp: ({ saved: [x], shapes: [shape] }, [g, total]) => {
    const order = x.argsort();
    const back = g ? zeros(shape, { dtype: x.dtype }).scatter(0, order, g) : zeros(shape, { dtype: x.dtype });
    return [total ? back.add(total) : back];
  },
  meta: ([x]) =>
    [empty(x.shape, { dtype: x.dtype, device: "meta" }), empty([], { dtype: x.dtype, device: "meta" })] as const,
});

describe("customOp", () => {
  it("computes, is recorded, and is held to the library's laws by opcheck", () => {
    const x = f64([0.5, -1.5]);
    const y = swish(x, f64([1, 2]), { beta: 2 });
    expect(y.gradFn?.name).toBe("Test::swishBackward");
    expect(y.tolist()).toEqual(
      x
        .mul(x.mul(2).sigmoid())
        .add(tensor([1, 2]))
        .tolist(),
    );
    const all = {
      schema: "SUCCESS",
      replay: "SUCCESS",
      meta: "SUCCESS",
      gradients: "SUCCESS",
      tangents: "SUCCESS",
      batching: "SUCCESS",
    };
    expect(opcheck(swish, [x, f64([1, 2]), { beta: 2 }])).toEqual(all);
    expect(opcheck(sorted, [f64([2, -1, 0.5])])).toEqual(all);
    expect(opcheck(sorted, [tensor([2, 1])], { tests: ["meta"] })).toEqual({ meta: "SUCCESS" });
    const [values, sum] = sorted(f64([2, 1]));
    expect([values.tolist(), sum.item(), sorted.op.name]).toEqual([[1, 2], 3, "test::sortedWithSum"]);
  });

  it("is a call of its name with plain attributes at the door, and replayed by that", () => {
    const seen: Call[] = [];
    const x = tensor([1, 2]);
    const y = withInterpreter({ op: (call) => call.next(void seen.push(call)) }, () =>
      swish(x, x, { beta: Number.POSITIVE_INFINITY }),
    );
    expect(seen.map(({ op, inputs }) => [op.name, inputs])).toEqual([["test::swish", [x, x]]]);
    const json = JSON.stringify(encodeAttrs(seen[0].attrs));
    const op = opNamed("test::swish");
    expect(dispatch(op as NonNullable<typeof op>, [x, x], decodeAttrs(JSON.parse(json)) as object)[0].tolist()).toEqual(
      y.tolist(),
    );
    expect(opNamed("test::nothing")).toBe(undefined);
  });

  it("runs the kernels of a device into results of the shapes that meta gives", () => {
    const calls: string[] = [];
    const kernel = {
      supports: ([x]: readonly (View | undefined)[]) => x?.dtype === "float32",
      run: ([x]: readonly (View | undefined)[], [y]: readonly (View | undefined)[]) => {
        calls.push(`${x?.shape} -> ${y?.shape}`);
        backendOf("cpu").write((y as View).buffer, new Uint8Array(Float32Array.of(7, 8).buffer));
      },
    };
    const op = customOp("test::firstRow", {
      forward: ([x]: readonly [Tensor]) => x.select(0, 0),
      meta: ([x]) => x.select(0, 0),
      kernels: { cpu: kernel },
    });
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect([op(x).tolist(), calls]).toEqual([[7, 8], ["2,2 -> 2"]]);
    expect(op(x.to("float64")).tolist()).toEqual([1, 2]); // supports says no
    expect(op(x.to("meta")).shape).toEqual([2]);
    // its result is its own, though forward gave a view
    const y = op(x.to("float64"));
    y.fill_(0);
    expect(op(x.to("float64")).tolist()).toEqual([1, 2]);
  });

  it("has no values on meta, and a rule for batches where one is given", () => {
    const host = customOp("test::host", { forward: ([x]: readonly [Tensor]) => tensor(x.tolist() as number[]) });
    told(() => host(tensor([1]).to("meta")), DataDependentError, /meta/);
    const log: unknown[] = [];
    const scaled = customOp("test::scaledSum", {
      forward: ([x, w]: readonly [Tensor, Tensor]) => x.mul(w).sum(),
      save: (inputs) => inputs,
      vjp: ({ saved: [x, w] }, [g]) => [g && w.mul(g), g?.mul(x)],
      batch: ({ size, batched }, [x, w]) => {
        log.push([size, batched]);
        return x.mul(w).sum(-1);
      },
    });
    const x = f64([1, 2, 3]);
    expect(opcheck(scaled, [x, f64([3, 2, 1])]).batching).toBe("SUCCESS");
    expect(log).toEqual([
      [3, [true, true]],
      [3, [true, false]],
      [3, [false, true]],
    ]);
    log.length = 0;
    const rows = tensor([
      [1, 2],
      [3, 4],
    ]);
    const w = tensor([2, 3]);
    expect(vmap(grad((row: Tensor) => scaled(row, w)))(rows).tolist()).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expect(log).toEqual([[2, [true, false]]]);
  });

  it("has the tangents that its vjp gives, or those of its own rule", () => {
    const square = (jvp_?: object) =>
      customOp("test::square", {
        forward: ([x]: readonly [Tensor]) => x.square(),
        save: ([x]) => [x],
        vjp: ({ saved: [x] }, [g]) => [g?.mul(x).mul(2)],
        ...jvp_,
      });
    const along = (op: (x: Tensor) => Tensor) => jvp(op, tensor([1, 2]), tensor([10, 1]))[1].tolist();
    expect(along(square())).toEqual([20, 4]);
    let calls = 0;
    const own = square({
      jvp: ({ primals: [x], tangents: [t] }: { primals: Tensor[]; tangents: Tensor[] }) => [
        t?.mul(x).mul(2 + 0 * calls++),
      ],
    });
    expect([along(own), calls]).toEqual([[20, 4], 1]);
    expect(opcheck(own, [f64([1, 2])], { tests: ["tangents"] })).toEqual({ tangents: "SUCCESS" });
    const wrong = square({ jvp: ({ tangents }: { tangents: Tensor[] }) => tangents });
    told(() => opcheck(wrong, [f64([1, 2])], { tests: ["tangents"] }), AutogradError, /"tangents": the tangents give/);
    told(
      () => along(square({ jvp: () => [] })),
      AutogradError,
      /the jvp of test::square gave 0 tangents for 1 results/,
    );
  });

  it("may be defined again: its name means the new one", () => {
    const make = (by: number) => customOp("test::again", { forward: ([x]: readonly [Tensor]) => x.mul(by) });
    const first = make(2);
    const second = make(3);
    expect([first(tensor([1])).item(), second(tensor([1])).item(), opNamed("test::again") === second.op]).toEqual([
      2,
      3,
      true,
    ]);
  });

  it("says what is wrong", () => {
    const x = f64([1, 2]);
    const forward = ([t]: readonly [Tensor]) => t.mul(2);
    told(() => customOp("swish", { forward }), ArgumentError, /of the form "namespace::name", got "swish"/);
    told(() => customOp("a::b", { forward: 3 as never }), ArgumentError, /forward is a function, got 3/);
    told(() => customOp("a::b", {} as never), ArgumentError, /forward must be a function/);
    told(() => customOp("a::b", { forward, backward: forward } as never), ArgumentError, /no option "backward"/);
    told(() => customOp("a::b", { forward, kernels: {} }), ArgumentError, /has kernels and no meta/);
    const op = customOp("test::double", { forward });
    told(() => op(x).sum().backward(), AutogradError, /test::double has no gradient/);
    told(() => op(3 as never), ArgumentError, /test::double: takes tensors and then an object of attributes, got 3/);
    told(() => (op as (...args: unknown[]) => Tensor)(3, x), ArgumentError, /argument 1 must be a tensor, got 3/);
    told(
      () => swish(x, x, { beta: (() => 1) as never }),
      ArgumentError,
      /attributes are plain data: attrs.beta is no plain data but a function/,
    );
    told(
      () => customOp("test::none", { forward: (() => 3) as never })(x),
      ArgumentError,
      /forward must give tensors, got 3/,
    );
    const short = customOp("test::short", {
      forward: ([a, b]: readonly [Tensor, Tensor]) => a.add(b),
      vjp: (_, [g]) => [g],
    });
    told(() => short(x, x).sum().backward(), AutogradError, /the vjp of test::short gave 1 gradients for 2 inputs/);
  });

  it("leaves no memory behind", () => {
    const x = f64([2, 1]);
    x.grad = zeros([2], { dtype: "float64" });
    const before = memory().cpu.tensors;
    tidy(() => {
      sorted(x)[1].backward();
      expect(() => swish(x, f64([1, 2, 3]), { beta: 1 })).toThrow();
    });
    expect(memory().cpu.tensors).toBe(before);
  });
});

describe("opcheck", () => {
  const broken: [string, Parameters<typeof customOp<readonly [Tensor]>>[1], RegExp][] = [
    ["schema", { forward: ([x]) => x.add_(1) }, /"schema": forward wrote to input 0/],
    [
      "meta",
      { forward: ([x]) => x.add(1), meta: ([x]) => x.sum() },
      /"meta": result 0 is a float64 tensor of shape \[2\], and a float64 tensor of shape \[\] on "meta"/,
    ],
    [
      "gradients",
      { forward: ([x]) => x.square(), save: ([x]) => [x], vjp: ({ saved: [x] }, [g]) => [g?.mul(x)] },
      /"gradients": gradcheck/,
    ],
    [
      "batching",
      { forward: ([x]) => x.cumsum(0), batch: (_, [x]) => x.cumsum(0) },
      /"batching": result 0 of sample \d/,
    ],
  ];
  let calls = 0;
  broken.push(["replay", { forward: ([x]) => x.add(calls++) }, /"replay": result 0 is another one/]);
  it.each(broken)("finds a broken law: %s", (law, rule, message) => {
    const op = customOp("test::broken", rule);
    const x = f64([1, 2]).detach().clone();
    x.requiresGrad = law === "gradients";
    told(() => opcheck(op, [x], { tests: [law as "schema"] }), AutogradError, message);
    const out = opcheck(op, [x], { tests: [law as "schema"], raise: false });
    expect(String(out[law as "schema"])).toMatch(message);
  });
  it("takes custom ops alone", () => {
    told(() => opcheck((() => tensor(1)) as never, []), AutogradError, /takes a custom op/);
    told(
      () => opcheck(swish, [f64([1]), f64([1]), { beta: 1 }], { tests: ["all"] as never }),
      ArgumentError,
      /tests is a list of/,
    );
  });
});
