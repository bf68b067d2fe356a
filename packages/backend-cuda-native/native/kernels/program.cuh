#pragma once
// Pointwise programs, gone through node by node. (src/program.ts writes them.)
#include "scalar.cuh"

/**
 * A program's words: how many nodes, how many slots their values take, an address of slots for all threads or 0, then two words a
 * node. The first has the fields below; the second is a number of an input, the bits of a param or constant, or the slot of "where"'s
 * last argument.
 */
struct Node {
  uint64 head;
  int64 value;
  DEVICE int op() const { return int(head & 255); }
  DEVICE int type() const { return int(head >> 8 & 15); }
  /** The arguments' type. */
  DEVICE int of() const { return int(head >> 12 & 15); }
  DEVICE int to() const { return int(head >> 16 & 0xffff); }
  DEVICE int first() const { return int(head >> 32 & 0xffff); }
  DEVICE int second() const { return int(head >> 48); }
};

/**
 * What interprets a program. Generated code (src/generated/text.ts) has a structure with the same members in its place: `combination` says how a
 * reduction combines, `result` is the program's, as a `T`, and `put` stores it.
 */
struct Program {
  int count;
  int slots;
  Value* scratch;
  const Node* nodes;
  DEVICE explicit Program(Words& words)
      : count(int(words.next())),
        slots(int(words.next())),
        scratch(reinterpret_cast<Value*>(words.next())),
        nodes(reinterpret_cast<const Node*>(words.list(2 * count))) {}

  DEVICE static int combination(int64 word) { return int(word); }
  template <class T, class Load> DEVICE T result(Value* own, uint32 index, const Load& load) const {
    Value v = run(own, index, load);
    return part<T>(v);
  }
  template <class Load> DEVICE void put(const Memory& to, int64 place, Value* own, uint32 index, const Load& load) const {
    to.store(place, run(own, index, load));
  }

  /** Its result. `load(k, type)` is the element of input k, `index` the position. `own` has room for ownSlots values. */
  template <class Load> DEVICE Value run(Value* own, uint32 index, const Load& load) const {
    Value* values = scratch ? scratch + threadNumber() * slots : own;
    Value v;
    v.l = 0;
    for (int n = 0; n < count; n++) {
      const Node node = nodes[n];
      const int op = node.op();
      switch (op) {
        case op_input: v = load(int(node.value), node.type()); break;
        case op_param: {
          Value number;
          number.l = node.value;
          v = valueOf(number.d, node.type());
          break;
        }
        case op_const: v.l = node.value; break;
        case op_index: v = valueOf(int32(index), node.type()); break;
        case op_cast: v = cast(values[node.first()], node.of(), node.type()); break;
        case op_where: v = values[node.first()].i ? values[node.second()] : values[node.value]; break;
        default: v = operate(op, node.of(), values[node.first()], values[node.second()]);
      }
      values[node.to()] = v;
    }
    return v;
  }
};
