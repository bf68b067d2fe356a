// What a kernel is given: the WebAssembly heap, where its arguments stand, and the part of its index space that it does.
#pragma once
#include <cstddef>
#include <cstdint>

/** Bytes of the area in which the engine writes arguments. */
constexpr uint64_t descriptorBytes = 4096;
/** Bytes of each thread's private work area. */
constexpr size_t scratchBytes = 8 << 20;

struct Call {
  /** Address 0 of the heap, and its size. */
  uint8_t* base;
  uint64_t size;
  /** The thread's work area, on a cache line. */
  uint8_t* scratch;
  const int32_t* slots;
  int32_t start, end;

  int32_t slot(int i) const { return slots[i]; }
  /** Addresses, and steps in bytes, are unsigned: the heap may reach 4 GiB. */
  uint64_t offset(int i) const { return static_cast<uint32_t>(slots[i]); }
  float number(int i) const {
    float value;
    __builtin_memcpy(&value, slots + i, sizeof value);
    return value;
  }
  uint8_t* at(uint64_t address) const { return base + address; }
  /** Whether `bytes` from an address on lie in the heap: native code has no traps. */
  bool holds(uint64_t address, uint64_t bytes) const { return address <= size && bytes <= size - address; }
};

/** Null, or what is wrong with the arguments: nothing was written then. */
using Kernel = const char* (*)(const Call&);

struct Entry {
  const char* name;
  Kernel kernel;
};

/** Where an operand of a pointwise program (map.h) stands, and all ones if it moves. */
struct Source {
  const uint8_t* at;
  uint64_t moves;
};
/** An operation of such programs, over vectors side by side. */
struct Operation {
  const char* name;
  void (*run)(uint8_t* to, const Source* sources, uint64_t bytes);
};

/** The kernels of one instruction set. */
struct Kernels {
  const char* isa;
  /** Bytes of a row of a packed panel of a product's right operand. */
  int panelBytes;
  const Entry* entries;
  int count;
  /** What programs may consist of. */
  const Operation* operations;
  int operationCount;
};
