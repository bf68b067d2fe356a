import {
  AutogradError,
  add,
  add_,
  clone,
  DeviceError,
  isFloat,
  keep,
  memoryScope,
  noGrad,
  type Scope,
  type Tensor,
} from "@flambeau/tensor/functional";
import {
  applyMany,
  asStridedOp,
  callSite,
  checkFunction,
  checkSameDevice,
  context,
  derive,
  filledLike,
  forWalk,
  groundOf,
  isHalf,
  memoryOp,
  type Op,
  sameShape,
  sizeOf,
  type Tracer,
  toDType,
  unbroadcast,
  type VjpContext,
  viewOf,
  widened,
  withRange,
} from "@flambeau/tensor/plugin";
import { anomaly, checkNaN } from "./anomaly.ts";
import { handle, outside } from "./handles.ts";
import { accumulateGrad, hookedLeaf, leafNode, leavesHooked } from "./hooks/accumulate.ts";
import { type NodeHooks, runHooks, runPosthooks, runPrehooks, shown, without } from "./hooks/node-hooks.ts";
import { Observed } from "./hooks/observed.ts";
import { type Edge, Node, nodeOf, nodesBehind } from "./node.ts";
import { capturesByNode, collect } from "./order.ts";
import { type Named, type Place, placeOf, placesOf, resultAt } from "./place.ts";
import { erasing, sliceWrite } from "./slice-write.ts";
import { Walk } from "./walk.ts";

/** The recording side of autograd: what the door tells of each call becomes a graph. */
export const tracer: Tracer = {
  derive,

  record(op, inputs, attrs, outputs) {
    const node = new Node(op, attrs, inputs, outputs);
    if (op.save !== undefined) {
      const saved = op.save(inputs, outputs, attrs, node.needs);
      if (isHalf(outputs[0].dtype) && readsRounded(op, outputs, saved)) node.holds = "inputs";
      node.save(node.holds === "inputs" ? inputs : saved);
    }
    if (anomaly.enabled) node.hung.site = callSite();
    for (let i = 0; i < outputs.length; i++) {
      const out = outputs[i];
      if (!isFloat(out.dtype)) continue;
      out.gradFn = node;
      out.outputIndex = i;
    }
    node.settle();
  },

  recordView(op, source, attrs, view) {
    const node = new Node(op, attrs, [source], [view]);
    if (anomaly.enabled) node.hung.site = callSite();
    view.gradFn = node;
    view.outputIndex = 0;
  },

  refreshView(view, base) {
    view.graphVersion = base.graphVersion;
    const before = nodeOf(view);
    const layout = { shape: view.shape, strides: view.strides, offset: view.offset - base.offset };
    const ground = groundOf(base, layout);
    if (ground === null) view.gradFn = new Node(asStridedOp, layout, [base], [view]);
    else {
      const memory = memoryOp.forward([base], ground);
      memory.gradFn = new Node(memoryOp, ground, [base], [memory]);
      view.gradFn = new Node(asStridedOp, { ...layout, offset: layout.offset - ground.low }, [memory], [view]);
      memory.dispose();
    }
    view.outputIndex = 0;
    moveRetained(view, before);
  },

  checkInPlace(op, target) {
    const root = target.base ?? target;
    if (root.isLeaf && root.requiresGrad)
      throw new AutogradError(
        `${op}: a ${target === root ? "leaf" : "view of a leaf"} that requires gradients cannot be changed in place while recording`,
        "change parameters inside noGrad(() => ...), or work on a clone()",
      );
  },

  recordInPlace(op, inputs, attrs, target) {
    const base = target.base;
    // the target's value before the write is gone: a rule that reads it must fail, so it gets a handle of its own
    const stale = viewOf(target, target.shape, target.strides, target.offset);
    stale.gradFn = target.gradFn;
    stale.outputIndex = target.outputIndex;
    const before = [stale, ...inputs.slice(1).map((t) => (t === target ? stale : t))];
    const rule = op.vjp === undefined ? erasing(op as Op) : (op as Op); // the attrs go with it
    if (base === null) {
      const node = new Node(rule, attrs, before, [target]);
      if (rule.save !== undefined) node.save(rule.save(before, [target], attrs, node.needs), target);
      if (anomaly.enabled) node.hung.site = callSite();
      const old = nodeOf(target);
      target.gradFn = node;
      target.outputIndex = 0;
      target.graphVersion++;
      node.settle();
      moveRetained(target, old);
    } else {
      const layout = { shape: target.shape, strides: target.strides, offset: target.offset - base.offset };
      const write = sliceWrite(rule, layout, groundOf(base, layout));
      const node = new Node(write, attrs, [base, ...inputs.slice(1)], [base]);
      if (rule.save !== undefined) node.save(rule.save(before, [target], attrs, node.needs), target);
      if (anomaly.enabled) node.hung.site = callSite();
      const old = nodeOf(base);
      base.gradFn = node;
      base.outputIndex = 0;
      base.graphVersion++;
      node.settle();
      moveRetained(base, old);
    }
  },

  replaced(t, old) {
    if (old instanceof Node) moveRetained(t, old);
  },

  saved(t, visit) {
    for (const node of nodesBehind(t)) node.visit(visit);
  },

  isSpent(t) {
    for (const node of nodesBehind(t)) if (node.holds === "nothing") return true;
    return false;
  },

  backward(t, options) {
    backward([placeOf(t)], options.gradient ? [options.gradient] : undefined, options);
  },

  retainGrad(t) {
    const node = nodeOf(t);
    if (node === null) {
      if (!t.requiresGrad) throw new AutogradError("retainGrad: this tensor does not require gradients");
      return; // leaves keep theirs anyway
    }
    const { hung } = node;
    hung.retained = [...hung.retained, { slot: t.outputIndex, tensor: new WeakRef(t) }];
  },

  registerHook(t, hook) {
    if (!t.requiresGrad) throw new AutogradError("registerHook: this tensor does not require gradients");
    const node = nodeOf(t);
    if (node === null) return accumulateGrad(t).addSeen(hook);
    const entry = { slot: t.outputIndex, call: hook };
    const { hung } = node;
    hung.results = [...hung.results, entry];
    return () => {
      hung.results = without(hung.results, entry);
    };
  },

  registerPostAccumulateGradHook(t, hook) {
    checkFunction("registerPostAccumulateGradHook", "hook", hook);
    return leafNode("registerPostAccumulateGradHook", t).addDone(hook);
  },
};

/** A tensor that was written in place retains the gradient of its new value: its entry moves from its old node to the new one. */
function moveRetained(t: Tensor, from: Node | null): void {
  const to = nodeOf(t);
  const hung = from?.user ?? null;
  const own = hung?.retained.filter((r) => r.tensor.deref() === t) ?? [];
  if (hung === null || to === null || own.length === 0) return;
  hung.retained = hung.retained.filter((r) => !own.includes(r));
  to.hung.retained = [...to.hung.retained, ...own.map(({ tensor }) => ({ slot: t.outputIndex, tensor }))];
}

/** The gradient with which backward starts at `t`. */
function seed(place: Place, gradient: Tensor | undefined): Tensor {
  const { tensor } = place;
  const { shape, dtype, backend } = resultAt(place);
  if (tensor?.requiresGrad === false)
    throw new AutogradError(
      "backward: this tensor does not require gradients and no recorded op made it",
      "was it computed inside noGrad, from tensors without requiresGrad, or through an op without gradient?",
    );
  if (gradient) {
    if (!sameShape(gradient.shape, shape))
      throw new AutogradError(
        `backward: the gradient has shape [${gradient.shape.join(",")}], the tensor [${shape.join(",")}]`,
      );
    if (tensor !== null) checkSameDevice("backward", tensor, gradient);
    else if (gradient.backend !== backend)
      throw new DeviceError(
        `backward: the gradient is on ${gradient.device}, its place in the graph on ${backend.name}`,
      );
    return handle(gradient);
  }
  if (sizeOf(shape) !== 1)
    throw new AutogradError(
      `backward: only a scalar has an implicit gradient, this tensor has shape [${shape.join(",")}]`,
      "reduce it first (sum() or mean()), or pass { gradient }",
    );
  return filledLike({ dtype, device: backend.name }, shape, 1);
}

export interface Run {
  readonly retainGraph?: boolean | undefined;
  readonly createGraph?: boolean | undefined;
  /** What gets gradients; all leaves when absent. */
  readonly inputs?: readonly Named[] | undefined;
}

/** Adds gradients of `roots` to the leaves' `grad`. */
export function backward(roots: readonly Place[], gradients: readonly Tensor[] | undefined, run: Run): void {
  const targets = run.inputs ? placesOf("backward", "inputs", run.inputs) : null;
  const only = targets && new Set<Edge>(targets.map(({ at }) => at));
  propagate(
    roots,
    gradients,
    run,
    targets,
    (leaf, g, walk) => {
      const add = (given: Tensor) => accumulate(leaf, given, run.createGraph ?? false);
      const hooked = hookedLeaf(leaf);
      if (only !== null && !only.has(leaf)) g.dispose();
      else if (hooked === null) add(g);
      else hooked.run(g, add, walk);
    },
    (i, g) => {
      const tensor = targets?.[i].tensor ?? null;
      // of a result that nobody names there is no grad to add to
      if (tensor === null) g.dispose();
      else accumulate(tensor, g, run.createGraph ?? false);
    },
  );
}

/** Adds to a leaf's gradient. The handle `g` is taken over. */
function accumulate(leaf: Tensor, g: Tensor, createGraph: boolean): void {
  if (createGraph) {
    leaf.grad = keep(leaf.grad === null ? g : add(leaf.grad, g));
    return;
  }
  noGrad(() => {
    if (leaf.grad !== null) {
      add_(leaf.grad, g);
      g.dispose();
    } else if (g.rowMajor && g.storage.refs === 1 && g.storage.saves === 0 && g.storage.byteLength === g.nbytes) {
      g.gradFn = null;
      leaf.grad = keep(g);
    } else {
      leaf.grad = keep(clone(g));
      g.dispose();
    }
  });
}

type Pending = (Tensor | null)[];

/**
 * Walks the graph from `roots` in reverse order of recording, each node once all its results' gradients are summed. Gradients in
 * flight are handles that the walk owns: it frees each as soon as it is used, unless a graph is made of them (createGraph).
 * With `targets`, only what leads to them runs, and gradients of non-leaf targets go to `capture`.
 */
export function propagate(
  roots: readonly Place[],
  gradients: readonly Tensor[] | undefined,
  run: Run,
  targets: readonly Place[] | null,
  leaf: (leaf: Tensor, g: Tensor, walk: Scope | null) => void,
  capture: (target: number, g: Tensor) => void,
): void {
  if (context.stack === null) return walk(roots, gradients, run, targets, leaf, capture);
  const before = context.stack;
  context.stack = forWalk(before);
  try {
    withRange("backward", () => walk(roots, gradients, run, targets, leaf, capture), roots);
  } finally {
    context.stack = before;
  }
}

function walk(
  roots: readonly Place[],
  gradients: readonly Tensor[] | undefined,
  { retainGraph, createGraph = false }: Run,
  targets: readonly Place[] | null,
  leaf: (leaf: Tensor, g: Tensor, walk: Scope | null) => void,
  capture: (target: number, g: Tensor) => void,
): void {
  const free = !(retainGraph ?? createGraph);
  const gradBefore = context.gradEnabled;
  const scope = createGraph ? null : memoryScope();
  context.gradEnabled = createGraph;
  const pass = new Walk();
  try {
    const order = collect(roots, targets);
    const pending = new Map<Node, Pending>();
    const observed = leavesHooked() ? new Observed(order, roots, targets) : null;
    const give = (edge: Edge, slot: number, g: Tensor) => {
      if (edge instanceof Node) {
        let slots = pending.get(edge);
        if (slots === undefined) pending.set(edge, (slots = new Array<Tensor | null>(edge.outputs.length).fill(null)));
        slots[slot] = plus(slots[slot], g);
      } else if (edge === null) g.dispose();
      else if (observed?.has(edge)) observed.sums.set(edge, plus(observed.sums.get(edge) ?? null, g));
      else leaf(edge, g, scope);
    };
    const plus = (before: Tensor | null, g: Tensor): Tensor => {
      if (before === null) return g;
      const total = add(before, g);
      if (!createGraph) {
        before.dispose();
        g.dispose();
      }
      return total;
    };
    roots.forEach((place, i) => {
      give(place.at, place.slot, seed(place, gradients?.[i]));
    });
    pass.along(order, roots, targets);
    const deliver = (at: Tensor, g: Tensor) => leaf(at, runHooks(accumulateGrad(at).seen, g, scope), scope);
    observed?.complete(
      roots.map(({ at }) => at),
      deliver,
    );
    const captures = capturesByNode(targets);
    for (const node of order) {
      const grads = pending.get(node);
      if (grads !== undefined) {
        pending.delete(node);
        if (node.user !== null) observe(node.user, grads, scope);
        for (const { slot, target } of captures.get(node) ?? []) {
          const g = grads[slot];
          if (g !== null) capture(target, handle(g));
        }
        if (node.edges.some((e) => e !== null)) {
          const results =
            node.user === null ? stepOf(node, grads, createGraph, scope) : hooked(node, grads, createGraph, scope);
          for (let i = 0; i < results.length; i++) {
            const g = results[i];
            if (g === null) continue;
            if (node.edges[i] === null) g.dispose();
            else give(node.edges[i], node.slots[i], g);
          }
          if (free) node.free();
        }
      }
      observed?.complete(node.edges, deliver);
    }
    pass.finish();
  } finally {
    pass.end();
    context.gradEnabled = gradBefore;
    scope?.end();
  }
}

/** {@link step}, of which those on the stack are told; apart, so that the loop above makes no closure. */
const stepOf: typeof step = (node, grads, createGraph, scope) =>
  context.stack === null
    ? step(node, grads, createGraph, scope)
    : withRange(node.name, () => step(node, grads, createGraph, scope), node);

/** A gradient in the shape and dtype of the node's input i: summed over the dimensions along which that was broadcast. */
function fit(node: Node, g: Tensor, i: number): Tensor {
  const shape = node.shapes[i];
  if (sameShape(g.shape, shape)) return g.dtype === node.dtypes[i] ? g : toDType(g, node.dtypes[i]);
  const lead = g.ndim - shape.length;
  if (lead < 0 || shape.some((s, d) => s !== 1 && s !== g.shape[lead + d]))
    throw new AutogradError(
      `${node.name} gave a gradient of shape [${g.shape.join(",")}] for its input ${i} of shape [${shape.join(",")}]`,
    );
  return toDType(unbroadcast(g, shape), node.dtypes[i]);
}

/** Whether a rule reads results that were rounded to halves: it gets them from `forward` again, as float32. */
function readsRounded(
  { rounds, writes, draws }: Pick<Op, "rounds" | "writes" | "draws">,
  outputs: readonly Tensor[],
  saved: readonly Tensor[],
): boolean {
  if (rounds === undefined || writes !== undefined || draws) return false;
  for (let i = 0; i < rounds && i < outputs.length; i++)
    if (isHalf(outputs[i].dtype) && saved.includes(outputs[i])) return true;
  return false;
}

/** What a rule that {@link readsRounded} results has saved, from the inputs in float32. */
function savedAgain({ op, attrs, needs }: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  const outputs = applyMany(op, inputs, attrs);
  return op.save?.(inputs, outputs, attrs, needs) ?? [];
}

/** The rule of an op that computes in float32 for half floats, which does so too; `fit` rounds what it gives. */
function inFloat32(
  node: Node,
  vjp: NonNullable<Op["vjp"]>,
  seen: VjpContext,
  grads: Pending,
): readonly (Tensor | null)[] {
  const saved = seen.saved.map(widened);
  const again = node.holds === "inputs" ? savedAgain(node, saved) : saved;
  return vjp.call(
    node.op,
    { ...seen, saved: again },
    grads.map((g) => g && widened(g)),
  );
}

/** Runs one node's rule. The gradients in `grads` are used up; the results are the caller's. */
function step(node: Node, grads: Pending, createGraph: boolean, walk: Scope | null): (Tensor | null)[] {
  if (node.holds === "nothing")
    throw new AutogradError(
      `backward through ${node.name} a second time: its saved tensors were freed after the first`,
      "pass { retainGraph: true } to the first backward, or compute the loss again",
    );
  node.checkSaved();
  const vjp = node.op.vjp as NonNullable<Op["vjp"]>; // only ops with a rule are recorded
  const lent: Tensor[] = [];
  const { attrs, shapes, dtypes, outputs, needs } = node;
  let scope: Scope | null = null;
  const out: (Tensor | null)[] = [];
  try {
    const context_: VjpContext = { attrs, saved: node.unpack(lent), shapes, dtypes, outputs, needs };
    if (!createGraph && !node.op.opaque) scope = memoryScope();
    const results = node.op.opaque
      ? outside(walk, () => vjp.call(node.op, context_, grads))
      : node.op.rounds !== undefined && node.dtypes.some(isHalf)
        ? inFloat32(node, vjp, context_, grads)
        : vjp.call(node.op, context_, grads);
    // each result becomes a handle of its own: a rule may return its input, or one tensor twice
    for (let i = 0; i < results.length; i++) {
      const given = results[i];
      if (given === null || given === undefined || !node.needs[i]) {
        out.push(null);
        continue;
      }
      const g = fit(node, given, i);
      if (
        (createGraph && !lent.includes(g)) ||
        (!out.includes(g) && !grads.includes(g) && g.owner === scope && scope !== null)
      ) {
        g.owner = scope === null ? g.owner : scope.parent;
        if (scope?.parent) scope.parent.owned.push(g);
        out.push(g);
      } else {
        const own = handle(g);
        if (scope?.parent) {
          own.owner = scope.parent;
          scope.parent.owned.push(own);
        }
        out.push(own);
      }
      if (createGraph && node.op.tied) out[i] = tied(node, out[i] as Tensor, grads);
    }
  } finally {
    scope?.end();
    if (node.op.opaque) lent.forEach(keep);
    else for (const t of lent) t.dispose();
  }
  if (anomaly.enabled) checkNaN(node, out);
  if (!createGraph) for (const g of grads) g?.dispose();
  return out;
}

/** What a gradient that is the same for all inputs has as its graph: nothing comes back through it, not even zeros, which would meet infinities. */
const constantOp: Op = { name: "constant", forward: ([x]) => x, vjp: ({ needs }) => needs.map(() => null) };

/** A gradient of a {@link Op.tied} node with a graph that ends in the node's inputs. */
function tied(node: Node, g: Tensor, grads: Pending): Tensor {
  if (g.requiresGrad) return g;
  const out = grads.includes(g) ? handle(g) : g;
  const link = new Node(constantOp, node.attrs, [], [g]);
  link.edges.push(...node.edges);
  link.slots.push(...node.slots);
  link.needs.push(...node.needs);
  link.shapes.push(...node.shapes);
  link.dtypes.push(...node.dtypes);
  out.gradFn = link;
  return out;
}

/** {@link step} with what users have hung on the node. */
function hooked(node: Node, grads: Pending, createGraph: boolean, walk: Scope | null): (Tensor | null)[] {
  const { before, after } = node.user as NodeHooks; // the caller has looked
  const given = [...runPrehooks(node.name, before, grads, walk)];
  const outputs = after.length > 0 ? shown(given, walk) : given;
  const results = stepOf(node, given, createGraph, walk);
  return after.length > 0 ? [...runPosthooks(node.name, after, results, outputs, walk)] : results;
}

function observe({ results, retained }: NodeHooks, grads: Pending, walk: Scope | null): void {
  for (const { slot, call } of results) {
    const g = grads[slot];
    if (g) grads[slot] = runHooks([call], g, walk);
  }
  for (const { slot, tensor } of retained) {
    const t = tensor.deref();
    const g = grads[slot];
    if (t && g) t.grad = keep(t.grad ? add(t.grad, g) : handle(g));
  }
}
