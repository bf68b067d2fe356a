// Elements to positions.
#include "index.cuh"

/** words: kind, lines, length, loops over lines, target, its step, its size along dim, index, its step, source, its step */
struct Scattering {
  int kind;
  int64 lines, length;
  Loops loops;
  View target;
  int64 targetStep, size;
  View index;
  int64 indexStep;
  View source;
  int64 sourceStep;
  DEVICE explicit Scattering(Words& words)
      : kind(int(words.next())), lines(words.next()), length(words.next()), loops(words), target(words, loops.rank), targetStep(words.next()),
        size(words.next()), index(words, loops.rank), indexStep(words.next()), source(words, loops.rank), sourceStep(words.next()) {}
  /** Joins a value to the target's element at a position of the line that begins at `start`. */
  template <class T> DEVICE void join(int64 start, int64 position, T x) const {
    const int64 to = start + inside(position, size) * targetStep;
    target.set(to, kind == Set ? x : combined(kind, target.get<T>(to), x));
  }
};

/**
 * A thread for each line along dim, which goes through it in the index's order: lines have no element of the target in common, so
 * nothing depends on which thread comes first.
 */
template <class T> DEVICE void scatter(const Args& args) {
  Words words(args);
  const Scattering all(words);
  for (int64 line = threadNumber(); line < all.lines; line += threadCount()) {
    const int64 into = all.loops.place(all.target.steps, uint32(line));
    int64 at = all.loops.place(all.index.steps, uint32(line));
    int64 from = all.loops.place(all.source.steps, uint32(line));
    for (int64 k = 0; k < all.length; k++) {
      all.join(into, all.index.get<int64>(at), all.source.get<T>(from));
      at += all.indexStep;
      from += all.sourceStep;
    }
  }
}
FOR_EACH_SCALAR(KERNEL, scatter, scatter)

/**
 * Few long lines, whose positions a stable sort has put in order: what goes to one position is a run then, in the index's order. Lines go in
 * pieces. A run that lies in a piece is joined to the target at once; of one that goes beyond, each piece keeps its part: what belongs to a run
 * that began before it (`heads`), and what begins a run that goes on behind it (`tails`).
 * words: the scattering's, the order's address (int32), its step from line to line (0 where all lines have one index), a piece's length, pieces
 * of a line, heads and tails (a line's beside those of the other lines, so that threads of neighbouring lines touch neighbours)
 */
template <class T> struct Sorted {
  const Scattering all;
  const int32* order;
  int64 orderStep, length, pieces;
  T *heads, *tails;
  DEVICE explicit Sorted(Words& words)
      : all(words), order(reinterpret_cast<const int32*>(words.next())), orderStep(words.next()), length(words.next()), pieces(words.next()),
        heads(reinterpret_cast<T*>(words.next())), tails(reinterpret_cast<T*>(words.next())) {}
  DEVICE int64 end(int64 piece) const { return (piece + 1) * length < all.length ? (piece + 1) * length : all.length; }
  /** The position that the k-th in order goes to, of the line whose index begins at `start`. */
  DEVICE int64 position(int64 line, int64 start, int64 k) const {
    const int64 at = start + order[line * orderStep + k] * all.indexStep;
    return all.index.dtype == Int64 ? reinterpret_cast<const int64*>(all.index.pointer)[at] : reinterpret_cast<const int32*>(all.index.pointer)[at];
  }
  /** Whether the run of the k-th goes on behind it. */
  DEVICE bool goesOn(int64 line, int64 start, int64 k) const {
    return k >= 0 && k + 1 < all.length && position(line, start, k) == position(line, start, k + 1);
  }
};

/** A thread for each piece of each line. */
template <class T> DEVICE void scatterRuns(const Args& args) {
  Words words(args);
  const Sorted<T> sorted(words);
  const Scattering& all = sorted.all;
  for (int64 i = threadNumber(); i < all.lines * sorted.pieces; i += threadCount()) {
    const int64 line = i % all.lines, piece = i / all.lines, first = piece * sorted.length, end = sorted.end(piece);
    const int64 into = all.loops.place(all.target.steps, uint32(line)), at = all.loops.place(all.index.steps, uint32(line));
    const int64 from = all.loops.place(all.source.steps, uint32(line));
    bool began = sorted.goesOn(line, at, first - 1), some = false;
    T total = T(0);
    for (int64 k = first; k < end; k++) {
      const T x = all.source.get<T>(from + sorted.order[line * sorted.orderStep + k] * all.sourceStep);
      total = some ? combined(all.kind, total, x) : x;
      some = true;
      const bool goesOn = sorted.goesOn(line, at, k);
      if (goesOn && k + 1 < end) continue;
      if (began) sorted.heads[i] = total;
      else if (goesOn) sorted.tails[i] = total;
      else all.join(into, sorted.position(line, at, k), total);
      began = some = false;
    }
  }
}
FOR_EACH_SCALAR(KERNEL, scatter_runs, scatterRuns)

/** Behind it, with the same words: the thread of the piece in which a run begins that goes beyond it puts its parts together. */
template <class T> DEVICE void scatterParts(const Args& args) {
  Words words(args);
  const Sorted<T> sorted(words);
  const Scattering& all = sorted.all;
  for (int64 i = threadNumber(); i < all.lines * sorted.pieces; i += threadCount()) {
    const int64 line = i % all.lines, first = i / all.lines * sorted.length;
    int64 piece = i / all.lines;
    const int64 at = all.loops.place(all.index.steps, uint32(line)), last = sorted.end(piece) - 1;
    if (!sorted.goesOn(line, at, last)) continue;
    const int64 position = sorted.position(line, at, last);
    // the whole piece belongs to a run that began before it
    if (sorted.goesOn(line, at, first - 1) && sorted.position(line, at, first) == position) continue;
    T total = sorted.tails[i];
    do {
      piece++;
      total = combined(all.kind, total, sorted.heads[piece * all.lines + line]);
    } while (sorted.goesOn(line, at, sorted.end(piece) - 1) && sorted.position(line, at, sorted.end(piece) - 1) == position);
    all.join(all.loops.place(all.target.steps, uint32(line)), position, total);
  }
}
FOR_EACH_SCALAR(KERNEL, scatter_parts, scatterParts)
