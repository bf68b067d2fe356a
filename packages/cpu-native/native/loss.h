// Cross entropy of logits [rows, classes] with int32 class numbers; index = a row.

/**
 * loss = log Σ exp(x) - x[target], 0 where the target is `ignore`.
 * 0 logits  1 targets  2 losses  3 statistics [rows, 2]: max, log Σ exp(x - max)  4 classes  5 ignored target
 * 6 address of an i32 that is set to 1 when a target is outside [0, classes)
 */
const char* crossEntropy(const Call& call) {
  const Rows rows(call, 4);
  const int32_t ignore = call.slot(5);
  if (!rows.fit()) return nothing;
  const uint64_t own = floats(call.end);
  if (!rows.hold(0) || !call.holds(call.offset(1), own) || !call.holds(call.offset(2), own) || !call.holds(call.offset(3), 2 * own) ||
      !call.holds(call.offset(6), 4))
    return outside;
  for (int64_t i = call.start; i < call.end; i++) {
    const uint8_t* x = rows.row(0, i);
    const int32_t target = scalar<int32_t>(call.at(call.offset(1) + i * 4));
    const float m = rowMax(x, rows.n);
    const float log = static_cast<float>(logOf(rowExp<false>(x, rows.n, m, nullptr)));
    put<float>(call.at(call.offset(3) + i * 8), m);
    put<float>(call.at(call.offset(3) + i * 8 + 4), log);
    float loss = 0;
    if (target != ignore) {
      if (target >= 0 && target < rows.n) loss = log - (scalar<float>(x + target * int64_t(4)) - m);
      else put<int32_t>(call.at(call.offset(6)), 1);
    }
    put<float>(call.at(call.offset(2) + i * 4), loss);
  }
  return nullptr;
}

/**
 * dx = g·(softmax(x) - onehot(target)), 0 for ignored rows; g = gradient[row · step] / divisor.
 * 0 logits  1 targets  2 statistics  3 gradient  4 gradient's step (0 or 1)  5 address of the divisor or 0
 * 6 classes  7 ignored target  8 dx
 */
const char* crossEntropyBackward(const Call& call) {
  const Rows rows(call, 6);
  const int32_t ignore = call.slot(7);
  const uint64_t step = call.offset(4) * 4;
  if (!rows.fit()) return nothing;
  const uint64_t own = floats(call.end);
  if (!rows.hold(0, 8) || !call.holds(call.offset(1), own) || !call.holds(call.offset(2), 2 * own) ||
      !call.holds(call.offset(3), extent(4, Steps{call.end, step})) || (call.offset(5) && !call.holds(call.offset(5), 4)))
    return outside;
  const float divisor = call.offset(5) ? scalar<float>(call.at(call.offset(5))) : 1;
  for (int64_t i = call.start; i < call.end; i++) {
    const uint8_t* x = rows.row(0, i);
    uint8_t* out = rows.row(8, i);
    const int32_t target = scalar<int32_t>(call.at(call.offset(1) + i * 4));
    if (target == ignore) {
      __builtin_memset(out, 0, rows.n * 4);
      continue;
    }
    const float m = scalar<float>(call.at(call.offset(2) + i * 8)), log = scalar<float>(call.at(call.offset(2) + i * 8 + 4));
    const float g = scalar<float>(call.at(call.offset(3) + i * step)) / divisor;
    along<1>(rows.n, EACH { part.set(out + o, expOf(part.get(x + o) - m - log) * g); (void)u; });
    if (target >= 0 && target < rows.n) put<float>(out + target * int64_t(4), scalar<float>(out + target * int64_t(4)) - g);
  }
  return nullptr;
}
