/** Numbers that are the same in every run (mulberry32): a failing test fails again. */
export class Draw {
  private state: number;
  constructor(seed: number) {
    this.state = seed >>> 0;
  }
  /** 32 bits. */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + (this.bits() / 2 ** 32) * (high - low);
  }
  /** An integer in 0..n-1. */
  below(n: number): number {
    return Math.floor(this.between(0, n));
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  /** A shape of `rank` dimensions of 1..most. */
  shape(rank: number, most = 5): number[] {
    return Array.from({ length: rank }, () => 1 + this.below(most));
  }
}
