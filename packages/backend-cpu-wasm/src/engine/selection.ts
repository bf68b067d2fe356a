/** Ranks of a line's elements, equal for equal ones, and an order of their positions, which selecting rearranges. */
export interface Line {
  readonly ranks: Int32Array;
  readonly order: Int32Array;
}

// Which of equal elements comes out follows from the algorithm. Both are those of PyTorch on the cpu: its kthvalue is the quickselect of
// Numerical Recipes, its topk the nth_element, sort and partial_sort of libstdc++.

const before = ({ ranks, order }: Line, i: number, j: number): boolean => ranks[order[i]] < ranks[order[j]];
function swap({ order }: Line, i: number, j: number): void {
  const held = order[i];
  order[i] = order[j];
  order[j] = held;
}

/** Brings the element that belongs at `k` there, by partitions around a median of three which is kept in front. */
export function quickselect(line: Line, k: number): void {
  const { ranks, order } = line;
  let low = 0;
  let high = order.length - 1;
  while (high > low + 1) {
    swap(line, low + ((high - low) >> 1), low + 1);
    if (before(line, high, low + 1)) swap(line, low + 1, high);
    if (before(line, high, low)) swap(line, low, high);
    if (before(line, low, low + 1)) swap(line, low + 1, low);
    const pivot = ranks[order[low]];
    let i = low + 1;
    let j = high;
    for (;;) {
      do i++;
      while (ranks[order[i]] < pivot);
      do j--;
      while (pivot < ranks[order[j]]);
      if (j < i) break;
      swap(line, i, j);
    }
    swap(line, low, j);
    if (j <= k) low = i;
    if (j >= k) high = j - 1;
  }
  if (high === low + 1 && before(line, high, low)) swap(line, low, high);
}

/** Brings the first `k` elements to the front, in order: by a heap where they are few, else by partitions. */
export function selectFirst(line: Line, k: number): void {
  const n = line.order.length;
  if (k * 64 <= n) {
    heapSelect(line, 0, k, n);
    sortHeap(line, 0, k);
  } else {
    partitionAt(line, k - 1);
    sortRange(line, 0, k - 1, depthOf(k - 1));
    insertionSort(line, 0, k - 1);
  }
}

/** Partitions until two of three times the logarithm, after which a heap takes over. */
const depthOf = (n: number): number => 2 * (31 - Math.clz32(n));

function partitionAt(line: Line, k: number): void {
  let [low, high] = [0, line.order.length];
  for (let depth = depthOf(high); high - low > 3; depth--) {
    if (depth === 0) {
      heapSelect(line, low, k + 1, high);
      swap(line, low, k);
      return;
    }
    const cut = partition(line, low, high);
    if (cut <= k) low = cut;
    else high = cut;
  }
  insertionSort(line, low, high);
}
/** All but a last insertion sort: up to 16 elements stay together unsorted. */
function sortRange(line: Line, low: number, end: number, depth: number): void {
  let high = end;
  for (let left = depth; high - low > 16; ) {
    if (left === 0) {
      heapSelect(line, low, high, high);
      sortHeap(line, low, high);
      return;
    }
    const cut = partition(line, low, high);
    sortRange(line, cut, high, --left);
    high = cut;
  }
}
/** Around the median of the second, the middle and the last element, which goes to `low`; gives where the upper part begins. */
function partition(line: Line, low: number, high: number): number {
  const [a, b, c] = [low + 1, low + ((high - low) >> 1), high - 1];
  const rising = before(line, a, b);
  const [lower, upper] = rising ? [a, b] : [b, a];
  swap(line, low, before(line, upper, c) ? upper : before(line, lower, c) ? c : lower);
  let i = low + 1;
  let j = high;
  for (;;) {
    while (before(line, i, low)) i++;
    do j--;
    while (before(line, low, j));
    if (i >= j) return i;
    swap(line, i, j);
    i++;
  }
}
function insertionSort({ ranks, order }: Line, low: number, high: number): void {
  for (let i = low + 1; i < high; i++) {
    const held = order[i];
    let j = i;
    for (; j > low && ranks[held] < ranks[order[j - 1]]; j--) order[j] = order[j - 1];
    order[j] = held;
  }
}

/** Gathers the first `middle - low` elements of low..high-1 in a heap at `low`, the last of them on top. */
function heapSelect(line: Line, low: number, middle: number, high: number): void {
  const size = middle - low;
  for (let parent = (size >> 1) - 1; parent >= 0; parent--) sink(line, low, parent, size, line.order[low + parent]);
  for (let i = middle; i < high; i++) if (size > 0 && before(line, i, low)) replaceTop(line, low, size, i);
}
function sortHeap(line: Line, low: number, high: number): void {
  for (let size = high - low - 1; size > 0; size--) replaceTop(line, low, size, low + size);
}
/** The top of the heap goes to `at`, and what was there into the heap. */
function replaceTop(line: Line, low: number, size: number, at: number): void {
  const held = line.order[at];
  line.order[at] = line.order[low];
  sink(line, low, 0, size, held);
}
/** Fills the hole at `from` by moving children up to a leaf, and lets `held` rise from there. */
function sink({ ranks, order }: Line, low: number, from: number, size: number, held: number): void {
  let hole = from;
  for (let child = 2 * hole + 2; child <= size; child = 2 * hole + 2) {
    if (child === size || ranks[order[low + child]] < ranks[order[low + child - 1]]) child--;
    order[low + hole] = order[low + child];
    hole = child;
  }
  for (
    let parent = (hole - 1) >> 1;
    hole > from && ranks[order[low + parent]] < ranks[held];
    parent = (hole - 1) >> 1
  ) {
    order[low + hole] = order[low + parent];
    hole = parent;
  }
  order[low + hole] = held;
}
