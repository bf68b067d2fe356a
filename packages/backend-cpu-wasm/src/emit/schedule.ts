import type { Code } from "./assembler.ts";
import { hasLane, isMemoryLaneOp, isMemoryOp, type Node, PATCH } from "./graph.ts";
import { control, f32, f64, i32, i64, V128, type ValType, VOID, v128 } from "./opcodes.ts";

const isInline = (n: Node): boolean =>
  n.op === i32.const || n.op === i64.const || n.op === f32.const || n.op === f64.const || n.op === control.get;

/** Writes nodes as code. A node with several users is computed once, into a local; shallower nodes are hoisted on request. */
export class Schedule {
  readonly code: Code;
  private readonly functionIndex: (name: string) => number;
  private readonly locals = new Map<Node, number>();

  constructor(code: Code, functionIndex: (name: string) => number) {
    this.code = code;
    this.functionIndex = functionIndex;
  }

  /** Computes into locals, here, what `roots` need of nodes of `depth`, where that is used by deeper nodes. */
  hoist(roots: readonly Node[], depth: number): void {
    const seen = new Set<Node>();
    const wanted = new Set<Node>();
    const visit = (n: Node, user: number) => {
      if (n.depth === depth && user > depth && !isInline(n)) wanted.add(n);
      if (seen.has(n)) return;
      seen.add(n);
      for (const a of n.args) visit(a, n.depth);
    };
    for (const r of roots) visit(r, 3);
    const list = [...wanted];
    const uses = this.countUses(list);
    for (const n of list) this.demand(n, uses);
  }

  /** Emits stores (and anything they need) in order. Values of the innermost depth are forgotten afterwards. */
  run(roots: readonly Node[]): void {
    this.scoped(() => {
      const uses = this.countUses(roots);
      for (const r of roots) this.emit(r, uses);
    });
  }

  /** Computes `n` into a local, for uses until the scope ends. */
  keep(n: Node): void {
    this.demand(n, this.countUses([n]));
  }

  /**
   * Computes nodes into locals side by side, an operation of each in turn: where each is a long chain, the processor has others to
   * work on while it waits.
   */
  abreast(nodes: readonly Node[]): void {
    const uses = this.countUses(nodes);
    const seen = new Set<Node>();
    const orders = nodes.map((n) => {
      const order: Node[] = [];
      const visit = (x: Node) => {
        if (seen.has(x) || this.locals.has(x) || isInline(x)) return;
        seen.add(x);
        for (const a of x.args) visit(a);
        order.push(x);
      };
      visit(n);
      return order;
    });
    const longest = Math.max(0, ...orders.map((order) => order.length));
    for (let i = 0; i < longest; i++) for (const order of orders) if (i < order.length) this.demand(order[i], uses);
  }

  /** Forgets, after `body`, the values that were computed in it: code that follows may be reached without it. */
  scoped(body: () => void): void {
    const known = new Set(this.locals.keys());
    body();
    for (const n of [...this.locals.keys()]) if (!known.has(n)) this.locals.delete(n);
  }

  private countUses(roots: readonly Node[]): Map<Node, number> {
    const uses = new Map<Node, number>();
    const visit = (n: Node) => {
      const before = uses.get(n) ?? 0;
      uses.set(n, before + 1);
      if (before || this.locals.has(n)) return;
      for (const a of n.args) visit(a);
    };
    for (const r of roots) visit(r);
    return uses;
  }

  /** Makes sure that `n` is in a local. */
  private demand(n: Node, uses: Map<Node, number>): void {
    if (this.locals.has(n) || isInline(n)) return;
    this.emit(n, uses);
    // emit keeps a node with several uses in a local and leaves a copy on the stack
    if (this.locals.has(n)) return this.code.op(control.drop);
    const local = this.code.local(n.type as ValType); // only values are demanded
    this.code.set(local);
    this.locals.set(n, local);
  }

  private emit(n: Node, uses: Map<Node, number>): void {
    const { code } = this;
    const local = this.locals.get(n);
    if (local !== undefined) return code.get(local);
    if (n.op === PATCH) this.emitPatch(n, uses);
    else {
      for (const a of n.args) this.emit(a, uses);
      this.emitOp(n);
    }
    if (n.type !== VOID && !isInline(n) && (uses.get(n) ?? 0) > 1) {
      const kept = code.local(n.type);
      code.tee(kept);
      this.locals.set(n, kept);
    }
  }

  private emitPatch(n: Node, uses: Map<Node, number>): void {
    const { code } = this;
    const [fast, condition] = n.args;
    const slow = n.slow as Node; // a patch has one
    // what the slow side shares with the rest is computed before the branch
    const shared: Node[] = [];
    const seen = new Set<Node>();
    const visit = (s: Node) => {
      if (seen.has(s)) return;
      seen.add(s);
      if (uses.has(s) && !isInline(s)) shared.push(s);
      else for (const a of s.args) visit(a);
      if (s.slow) visit(s.slow);
    };
    visit(slow);
    const result = code.local(V128);
    const lanes = code.local(V128);
    this.emit(fast, uses);
    code.set(result);
    for (const s of shared) this.demand(s, uses);
    this.emit(condition, uses);
    code.tee(lanes);
    code.op(v128.anyTrue);
    code.if();
    this.scoped(() => this.emit(slow, this.countUses([slow])));
    code.get(result);
    code.get(lanes);
    // lane by lane: a value must not depend on its neighbours, nor on what lies beyond the end of a tensor
    code.op(v128.bitselect);
    code.set(result);
    code.end();
    code.get(result);
  }

  private emitOp(n: Node): void {
    const { code } = this;
    const { op, imm } = n;
    if (op === control.get) return code.get(imm as number);
    if (op === i32.const) return code.i32(imm as number);
    if (op === i64.const) return code.i64(imm as bigint);
    if (op === f32.const) return code.f32(imm as number);
    if (op === f64.const) return code.f64(imm as number);
    if (op === control.set) return code.set(imm as number);
    if (op === control.call) return code.call(this.functionIndex(imm as string));
    code.op(op);
    if (isMemoryLaneOp(op)) {
      code.memarg(Math.floor((imm as number) / 16));
      code.out.u8((imm as number) % 16);
    } else if (isMemoryOp(op)) code.memarg(imm as number);
    else if (op === v128.shuffle || op === v128.const) code.out.append(imm as Uint8Array);
    else if (hasLane(op)) code.out.u8(imm as number);
  }
}
