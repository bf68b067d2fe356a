import { type Call, type Interpreter, withInterpreter } from "@flambeau/tensor/plugin";
import { amp, backendOf, memory, nn, ones, optim, profiler, randn, type Tensor, tensor, tidy } from "flambeau";
import { describe, expect, test } from "vitest";
import { cnn, gpt } from "./models.ts";

const { profile, profileAsync, recordFunction } = profiler;
const mlp = () => new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
const named = (rows: readonly profiler.Average[]) => Object.fromEntries(rows.map((row) => [row.name, row]));

describe("ops", () => {
  test("of forward, backward and the optimizer are counted", () => {
    const model = mlp();
    const optimizer = new optim.AdamW(model.parameters());
    const step = () => {
      model
        .forward(ones([3, 4]))
        .sum()
        .backward();
      optimizer.step();
      optimizer.zeroGrad();
    };
    step();
    const rows = named(profile(step).keyAverages());
    const calls = Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.calls]));
    expect(calls).toMatchObject({ linear: 2, relu: 1, reluBackward: 1, adamStep: 1, matmul: 3 });
  });
  test("are told apart by shapes when asked for", () => {
    const p = profile(() => [ones([2]).exp(), ones([2]).exp(), ones([3, 1]).exp()], { shapes: true });
    const rows = p.keyAverages({ shapes: true }).filter(({ name }) => name === "exp");
    expect(rows.map(({ shapes, calls }) => [shapes, calls]).sort()).toEqual([
      ["[2]", 2],
      ["[3,1]", 1],
    ]);
    expect(p.table({ shapes: true })).toMatch(/exp \[3,1\] +1 /);
  });
  test("that throw end their events", () => {
    expect(() => profile(() => ones([2, 3]).matmul(ones([2, 3])))).toThrow(/inner dimensions/);
    let seen: profiler.Profile | null = null;
    seen = profile(() => {
      try {
        ones([2]).add(ones([3]));
      } catch {}
      return ones([1]).exp().item();
    });
    expect(seen.value).toBeCloseTo(Math.E, 5);
    expect(seen.events.length).toBe(1);
    expect(seen.events[0].children.map(({ name }) => name)).toContain("exp");
  });
});

describe("modules", () => {
  test("by their paths, forward and backward", () => {
    const model = new nn.Sequential(mlp(), new nn.Tanh());
    const p = profile(
      () =>
        model
          .forward(ones([3, 4]))
          .sum()
          .backward(),
      { model },
    );
    const rows = named(p.keyAverages({ by: "module" }));
    expect(Object.keys(rows).sort()).toEqual(["0", "0.0", "0.1", "0.2", "1", "Sequential"]);
    for (const row of Object.values(rows)) {
      expect(row.calls).toBe(1);
      expect(row.backwardTime).toBeGreaterThan(0);
      expect(row.selfTime).toBeLessThanOrEqual(row.totalTime);
    }
    expect(rows["0"].totalTime).toBeGreaterThan(rows["0.0"].totalTime + rows["0.2"].totalTime);
    expect(rows["0"].backwardTime).toBeGreaterThanOrEqual(rows["0.0"].backwardTime + rows["0.2"].backwardTime);
    const linear = [...within(p)].filter(({ kind, name }) => kind === "op" && name === "linear");
    expect(linear.map(({ module }) => module)).toEqual(["0.0", "0.2"]);
  });
  test("have their forward back afterwards, hooks and all, by an error, too", () => {
    const model = mlp();
    const [first, second] = model.children();
    let hooked = 0;
    second.registerForwardHook(() => void hooked++);
    const own = second.forward;
    profile(() => model.forward(ones([1, 4])), { model });
    expect(() => profile(() => model.forward(ones([1, 5])), { model })).toThrow();
    expect(Object.hasOwn(first, "forward")).toBe(false);
    expect(second.forward).toBe(own);
    expect(hooked).toBe(1);
    model.forward(ones([1, 4]));
    expect(hooked).toBe(2);
  });
});
function* within(p: profiler.Profile): Generator<profiler.ProfilerEvent> {
  const inside = function* (event: profiler.ProfilerEvent): Generator<profiler.ProfilerEvent> {
    yield event;
    for (const child of event.children) yield* inside(child);
  };
  for (const root of p.events) yield* inside(root);
}

describe("kernels", () => {
  test("by what they are, and what a pointwise one computes", () => {
    const [a, b] = [randn([8, 8]), randn([8, 8])];
    const p = profile(() => a.matmul(b).mul(2).softmax(-1).sort(-1));
    const rows = named(p.keyAverages({ by: "kernel" }));
    expect(Object.keys(rows).sort()).toEqual(["map: mul", "matmul", "softmax", "sort"]);
    expect(rows.matmul.traffic).toBe(3 * 64 * 4);
    const op = [...within(p)].find(({ name }) => name === "matmul");
    expect(op?.children.map(({ kind, name, device }) => [kind, name, device])).toEqual([["kernel", "matmul", "cpu"]]);
    const without = profile(() => a.matmul(b), { kernels: false });
    expect(without.keyAverages({ by: "kernel" })).toEqual([]);
  });
  test("are as they were afterwards", () => {
    const backend = backendOf("cpu");
    const [map, softmax] = [backend.kernels.map, backend.fused?.softmax?.run];
    const keys = Reflect.ownKeys(backend);
    expect(() =>
      profile(
        () => {
          expect(backend.kernels.map).not.toBe(map);
          throw new Error("the program's");
        },
        { memory: true },
      ),
    ).toThrow("the program's");
    expect(backend.kernels.map).toBe(map);
    expect(backend.fused?.softmax?.run).toBe(softmax);
    expect(Reflect.ownKeys(backend)).toEqual(keys);
  });
  test("of profiles inside of profiles are in both", () => {
    const x = ones([4]);
    const outer = profile(() => profile(() => x.exp()).keyAverages({ by: "kernel" }));
    expect(outer.value.map(({ name }) => name)).toEqual(["map: exp"]);
    expect(outer.keyAverages({ by: "kernel" }).map(({ name }) => name)).toEqual(["map: exp"]);
  });
});

describe("time", () => {
  test.each([
    ["gpt", gpt],
    ["cnn", cnn],
  ])("of a %s adds up to what passed, and its top op is that of the platform's own profile", async (_, make) => {
    const { model, step } = make();
    for (let i = 0; i < 3; i++) tidy(step);
    const { Session } = await import("node:inspector/promises");
    const session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 200 });
    await session.post("Profiler.start");
    const begin = performance.now();
    const p = profile(
      () =>
        withInterpreter(namesInStacks, () => {
          for (let i = 0; i < 12; i++) tidy(step);
        }),
      { model },
    );
    const wall = performance.now() - begin;
    const { profile: sampled } = await session.post("Profiler.stop");
    session.disconnect();

    // the parts are the whole: ops and what is outside of them, and that is what the clock says around it
    const rows = p.keyAverages();
    const total = rows.reduce((sum, row) => sum + row.selfTime, 0);
    expect(total).toBeCloseTo(p.wallTime, 3);
    expect(total / wall).toBeGreaterThan(0.95);
    expect(total / wall).toBeLessThanOrEqual(1);
    const modules = named(p.keyAverages({ by: "module" }));
    const self = Object.values(modules).reduce((sum, row) => sum + row.selfTime, 0);
    const root = Object.values(modules).reduce((most, row) => Math.max(most, row.totalTime), 0);
    expect(self / root).toBeCloseTo(1, 2);

    const samples = samplesByOp(sampled);
    const [top] = rows.filter(({ name }) => name !== "(outside of ops)");
    const most = Math.max(...samples.values());
    // two ops of nearly the same share may change places
    expect(samples.get(top.name) ?? 0).toBeGreaterThan(0.85 * most);
  });

  /** Runs each call in a function that has the name of its op, so that the platform's profile tells them apart. */
  const runners = new Map<string, (call: Call) => readonly Tensor[]>();
  const namesInStacks: Interpreter = {
    op(call) {
      const name = `op:${call.op.name}`;
      let run = runners.get(name);
      if (run === undefined) {
        run = { [name]: (c: Call) => c.next() }[name];
        runners.set(name, run);
      }
      return run(call);
    },
  };
  interface Sampled {
    readonly nodes: readonly {
      readonly id: number;
      readonly callFrame: { readonly functionName: string };
      readonly children?: readonly number[];
    }[];
    readonly samples?: readonly number[];
    readonly timeDeltas?: readonly number[];
  }
  function samplesByOp({ nodes, samples = [], timeDeltas = [] }: Sampled): Map<string, number> {
    const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const opOf = (id: number | undefined): string | null => {
      for (let at = id; at !== undefined; at = parents.get(at)) {
        const name = byId.get(at)?.callFrame.functionName ?? "";
        if (name.startsWith("op:")) return name.slice(3);
      }
      return null;
    };
    const found = new Map<string, number>();
    samples.forEach((id, i) => {
      const op = opOf(id);
      if (op !== null) found.set(op, (found.get(op) ?? 0) + timeDeltas[i]);
    });
    return found;
  }
});

test("parts of the program have names", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const optimizer = new optim.SGD([w], { lr: 0.1 });
  const p = profile(() => {
    const loss = recordFunction("backward", () => w.square().sum()); // as a name it means nothing
    loss.backward();
    optimizer.step();
  });
  const rows = p.keyAverages({ by: "range" });
  expect(named(rows)).toMatchObject({
    profile: { calls: 1 },
    backward: { calls: 2 },
    SumBackward: { calls: 1 },
    SquareBackward: { calls: 1 },
    "SGD.step": { calls: 1 },
  });
  expect([...within(p)].filter(({ name }) => name === "square").map(({ backward }) => backward)).toEqual([false]);
  expect([...within(p)].filter(({ name }) => name === "squareBackward").map(({ backward }) => backward)).toEqual([
    true,
  ]);
  expect(recordFunction("outside of all", () => 7)).toBe(7);
});

describe("memory", () => {
  test("by line, op and module, over time", () => {
    const model = mlp();
    const p = profile(
      () => {
        const x = ones([16, 4]);
        tidy(() => void model.forward(x));
        return x;
      },
      { model, memory: true, stacks: true },
    );
    const [ours] = p.memoryTimeline().filter(({ name }) => /profile\.test\.ts/.test(name));
    expect(ours.allocated).toBeGreaterThan(0);
    const byOp = named2(p.memoryTimeline({ by: "op" }));
    expect(byOp.linear).toMatchObject({ allocated: 16 * (8 + 2) * 4, heldBytes: 0 });
    expect(byOp.full.heldBytes).toBe(16 * 4 * 4);
    const byModule = named2(p.memoryTimeline({ by: "module" }));
    expect(byModule["0"].allocated).toBe(16 * 8 * 4);
    const [device] = p.memoryTimeline({ by: "device" });
    expect(device.name).toBe("cpu");
    expect(device.heldBytes).toBe(16 * 4 * 4);
    expect(device.peakBytes).toBe(Math.max(...device.timeline.map(({ bytes }) => bytes)));
    expect(named(p.keyAverages()).linear.allocated).toBe(16 * (8 + 2) * 4);
    const sites = p.keyAverages({ by: "site" }).map(({ name }) => name);
    expect(sites.every((site) => /profile\.test\.ts:\d+/.test(site))).toBe(true);
  });
  const named2 = (tracks: readonly profiler.MemoryTrack[]) => Object.fromEntries(tracks.map((t) => [t.name, t]));
  test("a profile holds none", () => {
    const x = ones([4]);
    const before = memory().cpu.tensors;
    const p = profile(() => tidy(() => void x.exp().mul(2)), { memory: true, stacks: true, shapes: true });
    expect(memory().cpu.tensors).toBe(before);
    expect(p.events.length).toBe(1);
  });
});

test("the trace is what trace viewers open", () => {
  const model = mlp();
  const p = profile(() => model.forward(ones([2, 4])), { model, memory: true, shapes: true });
  const { traceEvents } = JSON.parse(JSON.stringify(p.chromeTrace())) as profiler.ChromeTrace;
  const spans = traceEvents.filter(({ ph }) => ph === "X");
  expect(spans.length).toBe([...within(p)].length);
  for (const { name, cat, pid, tid, ts, dur } of spans) {
    expect(typeof name).toBe("string");
    expect(["op", "kernel", "module", "range", "read"]).toContain(cat);
    for (const n of [pid, tid, ts, dur]) expect(Number.isFinite(n)).toBe(true);
  }
  // spans of one thread lie inside each other or apart
  const ends: number[] = [];
  for (const { ts = 0, dur = 0 } of [...spans].sort(
    (a, b) => (a.ts ?? 0) - (b.ts ?? 0) || (b.dur ?? 0) - (a.dur ?? 0),
  )) {
    while (ends.length > 0 && ends[ends.length - 1] <= ts + 1e-3) ends.pop();
    for (const end of ends) expect(ts + dur).toBeLessThanOrEqual(end + 2e-3); // rounded to nanoseconds
    ends.push(ts + dur);
  }
  expect(traceEvents.some(({ ph, args }) => ph === "C" && typeof args?.bytes === "number")).toBe(true);
});

test("interpreters compose: a model under autocast", () => {
  const model = mlp();
  const run = () => amp.autocast("bfloat16", () => model.forward(ones([2, 4])));
  const around = named(profile(run, { model }).keyAverages());
  expect(around).toMatchObject({ linear: { calls: 2 }, cast: { calls: 5 } });
  const inside = amp.autocast("bfloat16", () =>
    named(profile(() => model.forward(ones([2, 4])), { model }).keyAverages()),
  );
  expect(inside.linear.calls).toBe(2);
});

test("profileAsync waits for the devices", async () => {
  const x = randn([64, 64]);
  const p = await profileAsync(() => x.matmul(x).sum());
  expect(Object.keys(p.deviceTimes)).toEqual(["cpu"]);
  expect(p.deviceTimes.cpu).toBeGreaterThanOrEqual(p.wallTime);
});

describe("a schedule", () => {
  test("chooses steps", async () => {
    const ready: string[][] = [];
    const p = new profiler.Profiler({
      schedule: { skipFirst: 1, wait: 1, warmup: 1, active: 2, repeat: 2 },
      onTraceReady: ({ events }) => void ready.push(events.map(({ name }) => name)),
    });
    for (let i = 0; i < 12; i++) {
      expect(p.step(() => ones([1]).exp().item())).toBeCloseTo(Math.E, 5);
      await null;
    }
    expect(ready).toEqual([
      ["step 3", "step 4"],
      ["step 7", "step 8"],
    ]);
    expect(named(p.profile?.keyAverages() ?? []).exp.calls).toBe(2);
    expect(p.stepNumber).toBe(12);
  });
  test("without one all steps are one profile", () => {
    const p = new profiler.Profiler();
    expect(p.profile).toBeNull();
    for (let i = 0; i < 3; i++) p.step(() => void ones([1]).exp());
    expect(p.profile?.events.map(({ name }) => name)).toEqual(["step 0", "step 1", "step 2"]);
  });
  test("an error in a step leaves it whole", () => {
    const p = new profiler.Profiler();
    expect(() =>
      p.step(() => {
        throw new Error("the program's");
      }),
    ).toThrow("the program's");
    p.step(() => void ones([1]).exp());
    expect(p.profile?.events.map(({ children }) => children.length)).toEqual([0, 2]);
  });
});

test("tables are lines of columns", () => {
  const p = profile(() => Array.from({ length: 3 }, () => ones([2]).exp().mul(2)), { memory: true });
  const lines = p.table({ sortBy: "calls", rowLimit: 2 }).split("\n");
  expect(lines[0]).toMatch(/^Op +Calls +Self +Self % +Total +Allocated$/);
  expect(lines[1]).toMatch(/^-+( +-+)+$/);
  expect(lines.length).toBe(6);
  expect(lines[4]).toBe("and 2 more");
  expect(lines[5]).toMatch(/^Wall time: [\d.]+ (us|ms|s)$/);
  expect(p.table({ sortBy: "name" }).split("\n")[2]).toMatch(/^\(outside of ops\)/);
});

describe("errors", () => {
  test.each([
    [() => profile(1 as never), /fn must be a function/],
    [() => profile((async () => 1) as never), /takes a synchronous function/],
    [() => profile(() => 1, { models: 1 } as object), /no option "models"/],
    [() => profile(() => 1, { model: {} as never }), /option model is a module/],
    [() => recordFunction(1 as never, () => 1), /the name is a text, got 1/],
    [() => recordFunction("a", (async () => 1) as never), /takes a synchronous function/],
    [() => profile(() => 1).table({ by: "ops" as never }), /option by is/],
    [() => new profiler.Profiler({ schedule: { active: 0 } }), /active of the schedule must be a whole number/],
    [() => new profiler.Profiler({ schedule: { active: 1, warm: 1 } as never }), /no option "warm"/],
  ])("%#", (call, message) => expect(call).toThrow(message));
  test("of asynchronous functions come as rejections from profileAsync", async () => {
    await expect(profileAsync((async () => 1) as never)).rejects.toThrow(/takes a synchronous function/);
  });
});
