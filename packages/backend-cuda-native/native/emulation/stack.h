#pragma once
// Switching between stacks. By hand where that is known: swapcontext asks the system twice each time.
#include <cstddef>

#if defined(__x86_64__)
/** A stack that does not run: where its registers were put. */
struct Stack {
  void* top = nullptr;
};
extern "C" void emulated_switch(void** from, void* to);
asm(R"(
.text
.hidden emulated_switch
.globl emulated_switch
.type emulated_switch, @function
emulated_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulated_switch, .-emulated_switch
)");
inline void switchStacks(Stack& from, Stack& to) { emulated_switch(&from.top, to.top); }
/** Makes a switch to `stack` begin `start` on this memory. */
inline void beginOn(Stack& stack, char* memory, size_t size, void (*start)()) {
  void** top = reinterpret_cast<void**>(memory + size) - 1; // as behind a call: 8 bytes from a multiple of 16
  *--top = reinterpret_cast<void*>(start);
  for (int saved = 0; saved < 6; saved++) *--top = nullptr;
  stack.top = top;
}
#else
#include <ucontext.h>
struct Stack {
  ucontext_t context;
};
inline void switchStacks(Stack& from, Stack& to) { swapcontext(&from.context, &to.context); }
inline void beginOn(Stack& stack, char* memory, size_t size, void (*start)()) {
  getcontext(&stack.context);
  stack.context.uc_stack.ss_sp = memory;
  stack.context.uc_stack.ss_size = size;
  stack.context.uc_link = nullptr;
  makecontext(&stack.context, start, 0);
}
#endif
