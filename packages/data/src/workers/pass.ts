import type { Patience } from "../wait.ts";
import { unpack } from "./packing.ts";
import type { Answer, Member, WorkerPool } from "./pool.ts";
import { errorOf } from "./worker-error.ts";

/** Where a worker stood after its last batch. */
export interface WorkerPosition {
  /** Its batches in this pass. */
  readonly batches: number;
  readonly generator: Uint8Array;
  /** What its stream said of itself; null where it says nothing. */
  readonly dataset: unknown;
  /** Whether its stream is over. */
  readonly over: boolean;
}

/** A pass through a data set by workers. */
export interface Plan {
  /** The batches that are wanted, each with its number; null for a stream, whose batches the workers number. */
  readonly wanted: Iterator<readonly [number: number, indices: readonly number[]]> | null;
  readonly batchSize: number;
  readonly dropLast: boolean;
  /** Of the first worker. */
  readonly seed: bigint;
  readonly inOrder: boolean;
  readonly prefetchFactor: number;
  readonly patience: Patience;
  /** The worker that gives the next batch. */
  readonly turn: number;
  /** Where the workers stood, for a pass that is taken up again; null for those that had no batch. */
  readonly positions: readonly (WorkerPosition | null)[];
}

export interface Delivery {
  readonly batch: unknown;
  readonly number: number;
  readonly worker: number;
  readonly position: WorkerPosition;
  /** Whose turn is next. */
  readonly turn: number;
}

/**
 * Asks the workers for batches, some ahead, and gives them out: in order, one worker after the other, or as they come. The order does
 * not depend on how fast the workers are, nor on how far they read ahead.
 */
export class WorkerPass {
  readonly #pool: WorkerPool;
  readonly #plan: Plan;
  readonly #pass: number;
  readonly #batches: number[];
  /** Workers whose streams are over. */
  readonly #over = new Set<Member>();
  #put: number;
  #turn: number;
  #dry = false;
  #trouble: { readonly error: unknown } | null = null;

  constructor(pool: WorkerPool, plan: Plan) {
    this.#pool = pool;
    this.#plan = plan;
    this.#put = this.#turn = plan.turn;
    this.#batches = pool.members.map(({ id }) => plan.positions[id]?.batches ?? 0);
    const { batchSize, dropLast, wanted } = plan;
    this.#pass = pool.begin(({ id }, pass) => {
      const before = plan.positions[id] ?? null;
      const [had, over, state] = [before?.batches ?? 0, before?.over ?? false, before?.dataset ?? null];
      return {
        kind: "start",
        pass,
        seed: plan.seed + BigInt(id),
        generator: before?.generator ?? null,
        stream: wanted ? null : { batchSize, dropLast, had, over, state },
      };
    });
  }

  /** The next batch; null when there are no more. @throws WorkerError, UnavailableError when it takes too long, what the sampler throws. */
  async next(): Promise<Delivery | null> {
    for (;;) {
      this.#fill();
      if (!this.#pool.members.some(({ asked }) => asked > 0)) {
        if (this.#trouble) throw this.#trouble.error;
        return null;
      }
      const { patience } = this.#plan;
      const member = await this.#pool.until(
        () => this.#answered(),
        () => this.#late(),
        patience,
      );
      const [, answer] = member.inbox.shift() as readonly [number, Answer]; // it has one
      if (answer.kind === "failed") throw errorOf(member.id, answer.failure);
      if (answer.kind === "end") {
        this.#over.add(member);
        member.asked = 0;
        continue;
      }
      member.asked--;
      this.#turn = (member.id + 1) % this.#pool.members.length;
      const { number, generator, state, over } = answer;
      const position = { batches: ++this.#batches[member.id], generator, dataset: state, over };
      return { batch: unpack(answer.batch), number, worker: member.id, position, turn: this.#turn };
    }
  }

  /** Ask for as many batches as may be under way. */
  #fill(): void {
    const { wanted, prefetchFactor } = this.#plan;
    if (!wanted) {
      for (const member of this.#pool.members)
        while (!this.#over.has(member) && member.asked < prefetchFactor) this.#ask(member, 0, null);
      return;
    }
    while (!this.#dry) {
      const member = this.#free();
      if (!member) return;
      const next = this.#pull(wanted);
      if (next.done) return;
      this.#ask(member, ...next.value);
      this.#put = (member.id + 1) % this.#pool.members.length;
    }
  }

  #ask(member: Member, number: number, indices: readonly number[] | null): void {
    member.asked++;
    member.send({ kind: "fetch", pass: this.#pass, number, indices });
  }

  /** What the sampler says next. Its error is thrown where its batch would come, behind those that are under way. */
  #pull(wanted: NonNullable<Plan["wanted"]>) {
    try {
      const next = wanted.next();
      if (next.done) this.#dry = true;
      return next;
    } catch (error) {
      this.#dry = true;
      this.#trouble = { error };
      return { done: true as const, value: undefined };
    }
  }

  /** The worker that takes the next order: in order the one whose turn it is, else the one with the least to do. */
  #free(): Member | undefined {
    const { members } = this.#pool;
    const { inOrder, prefetchFactor } = this.#plan;
    const member = inOrder ? members[this.#put] : members.reduce((a, b) => (b.asked < a.asked ? b : a));
    return member.asked < prefetchFactor ? member : undefined;
  }

  /** The worker whose answer is to be taken; undefined as long as there is none. */
  #answered(): Member | undefined {
    const { members } = this.#pool;
    if (this.#plan.inOrder) {
      const member = this.#expected();
      if (member.inbox.length > 0) return member;
      if (member.failure) throw member.failure;
      return undefined;
    }
    let first: Member | undefined;
    for (const member of members) {
      if (this.#over.has(member) || member.inbox.length === 0) continue;
      if (!first || member.inbox[0][0] < first.inbox[0][0]) first = member;
    }
    if (first) return first;
    for (const { failure } of members) if (failure) throw failure;
    return undefined;
  }

  /** In order: the worker that gives the next batch. */
  #expected(): Member {
    const { members } = this.#pool;
    for (let i = 0; i < members.length; i++) {
      const member = members[(this.#turn + i) % members.length];
      if (member.asked > 0) return member;
    }
    return members[this.#turn]; // never: next() looks whether something is under way
  }

  #late(): string {
    const { patience, inOrder } = this.#plan;
    const { members } = this.#pool;
    const behind = inOrder ? [this.#expected()] : members.filter(({ asked }) => asked > 0);
    const names = behind.map(({ id }) => id).join(", ");
    const who = behind.length === 1 ? `worker ${names}` : `workers ${names}`;
    const slow = behind.every(({ ready }) => ready) ? "for a batch" : "to set up the data set";
    return `${who} took more than ${patience.seconds} s ${slow}`;
  }
}
