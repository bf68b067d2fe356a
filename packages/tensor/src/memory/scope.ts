import { context, type Owned, type Owner } from "../core/context.ts";
import { ArgumentError, FlambeauError, show } from "../core/errors.ts";

/** Owns the tensors made while it is the innermost open scope and frees them when it ends. */
export class Scope implements Owner {
  readonly parent: Owner | null;
  readonly owned: Owned[] = [];
  open = true;
  /** Memory that a graph beyond the scope needs, though the handle by which it is saved was disposed. */
  private spared: Set<object> | null = null;

  constructor() {
    this.parent = context.scope;
    context.scope = this;
  }

  /**
   * Ends the scope: everything it still owns is freed.
   *
   * @throws FlambeauError when a scope that was opened later is still open. This one has ended all the same, and what it owned is left to
   * the garbage collector, for the later scope may be using it.
   */
  end(): void {
    if (!this.open) return;
    this.open = false;
    if (context.scope !== this) {
      for (const t of this.owned) if (t.owner === this) keep(t);
      this.owned.length = 0;
      throw new FlambeauError(
        "memory scopes must end in reverse order of their start: another scope is still open inside this one",
        "two async functions with scopes overlap; give each its own synchronous tidy(), or let the loader's loop free tensors",
      );
    }
    context.scope = outside(this);
    const owned = this.owned;
    if (this.spared !== null) this.endSpared(this.spared);
    for (let i = 0; i < owned.length; i++) if (owned[i].owner === this) owned[i].endWithScope();
    owned.length = 0;
  }
  private endSpared(spared: ReadonlySet<object>): void {
    for (const t of this.owned) {
      if (t.owner !== this || !spared.has(t.storage)) continue;
      t.endSparing();
      t.owner = null;
    }
  }

  /** Moves what a graph saved that outlives this scope into the parent. */
  spare(saved: Owned): void {
    promote(saved, this);
    if (saved.disposed) (this.spared ??= new Set()).add(saved.storage);
  }

  [Symbol.dispose](): void {
    this.end();
  }
}

/** The innermost scope around one that is still open: scopes that overlap may have ended before those inside them. */
function outside({ parent }: Owner): Owner | null {
  let scope = parent;
  while (scope !== null && !scope.open) scope = scope.parent;
  return scope;
}

/** Gives a new tensor to the open scope, or to the garbage collector when there is none. */
export function adopt(t: Owned): void {
  const scope = context.scope;
  if (scope !== null) {
    t.owner = scope;
    scope.owned.push(t);
  } else {
    t.owner = null;
    t.storage.watch();
  }
}

/** Moves a tensor out of the scope that owns it into that scope's parent. */
export function promote(t: Owned, from: Owner): void {
  if (t.owner !== from) return;
  const to = outside(from);
  if (to !== null) {
    t.owner = to;
    to.owned.push(t);
  } else {
    t.owner = null;
    t.storage.watch();
  }
}

/**
 * Takes a tensor out of every scope: it lives until dispose() or until the garbage collector finds it dropped.
 * Returns its argument.
 */
export function keep<T extends Owned>(t: T): T {
  if (t?.storage === undefined) throw new ArgumentError("keep", `takes a tensor, got ${show(t)}`);
  t.owner = null;
  t.storage.watch();
  return t;
}

/** Lets the open scope free `t` when it ends; without one, the collector. For memory that an owner (an optimizer, say) drops. */
export function release(t: Owned): void {
  if (t.disposed || t.owner !== null) return;
  adopt(t);
}

/**
 * Opens a scope by hand: `using scope = memoryScope()`, or `scope.end()` in a finally block. Tensors made until it ends are freed
 * then, except kept ones.
 */
export const memoryScope = (): Scope => new Scope();
