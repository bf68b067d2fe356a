// What JavaScript sees: `isas`, the instruction sets that this processor has, best first; and `Heap`, whose
// `kernels` are a thread's: functions (desc, start, end) with the names of those of the WebAssembly module, that work on its memory.
#include <napi.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "call.h"

#if defined(__x86_64__)
extern const Kernels kernels_avx512, kernels_avx2;
#else
extern const Kernels kernels_neon;
#endif

namespace {

std::vector<const Kernels*> available() {
#if defined(__x86_64__)
  std::vector<const Kernels*> found;
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    found.push_back(&kernels_avx512);
  if (avx2) found.push_back(&kernels_avx2);
  return found;
#else
  return {&kernels_neon};
#endif
}

/** One thread's view of one heap, and its work area. */
class Heap : public Napi::ObjectWrap<Heap> {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(env, "Heap", {InstanceMethod<&Heap::Moved>("moved"), InstanceAccessor<&Heap::KernelsOf>("kernels"),
                                     InstanceAccessor<&Heap::PanelBytes>("panelBytes"), InstanceAccessor<&Heap::Operations>("operations")});
  }

  explicit Heap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Heap>(info) {
    Napi::Env env = info.Env();
    if (!see(env, info[0])) return;
    if (!info[2].IsNumber() || (pages = info[2].As<Napi::Number>().Uint32Value()) % 4 != 0 || pages > size - 4) {
      refuse(env, "Heap needs the address of its number of pages");
      return;
    }
    const std::string isa = info[1].IsString() ? info[1].As<Napi::String>().Utf8Value() : "";
    for (const Kernels* each : available())
      if (isa == each->isa) kernels = each;
    if (kernels) scratch = static_cast<uint8_t*>(std::aligned_alloc(64, scratchBytes));
    if (!scratch) {
      refuse(env, kernels ? "there is no memory for a thread's work area" : "this processor has no such instruction set");
      return;
    }
    bound.resize(kernels->count);
    for (int i = 0; i < kernels->count; i++) bound[i] = {this, &kernels->entries[i]};
  }
  ~Heap() override { std::free(scratch); }

 private:
  struct Bound {
    Heap* heap;
    const Entry* entry;
  };

  static void refuse(Napi::Env env, const char* what) { Napi::TypeError::New(env, what).ThrowAsJavaScriptException(); }

  /** The heap's base and length, of a Uint8Array over all of it. Not by Env(): a thread that is told to end may have no object to go with this. */
  bool see(Napi::Env env, const Napi::Value& value) {
    napi_typedarray_type type;
    size_t length = 0, offset = 0;
    void* data = nullptr;
    if (!value.IsTypedArray() ||
        napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, &offset) != napi_ok || type != napi_uint8_array ||
        offset != 0 || length < 65536) {
      refuse(env, "Heap needs a Uint8Array over all of a heap");
      return false;
    }
    base = static_cast<uint8_t*>(data);
    size = length;
    memory = Napi::Reference<Napi::Value>::New(value, 1); // what the base belongs to stays
    return true;
  }
  /** After the heap has moved: it may, when it grows and is not shared. */
  Napi::Value Moved(const Napi::CallbackInfo& info) {
    see(info.Env(), info[0]);
    return info.Env().Undefined();
  }
  Napi::Value PanelBytes(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), kernels->panelBytes); }
  /** The names of what programs may consist of, in order of their numbers. */
  Napi::Value Operations(const Napi::CallbackInfo& info) {
    Napi::Array names = Napi::Array::New(info.Env());
    for (int i = 0; i < kernels->operationCount; i++) names.Set(uint32_t(i), Napi::String::New(info.Env(), kernels->operations[i].name));
    return names;
  }
  /** An object of the kernels. They keep the heap alive. */
  Napi::Value KernelsOf(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    Napi::Object all = Napi::Object::New(env);
    for (Bound& each : bound) {
      napi_value function;
      if (napi_create_function(env, each.entry->name, NAPI_AUTO_LENGTH, &Heap::Run, &each, &function) != napi_ok) return env.Undefined();
      Napi::Function kernel(env, function);
      kernel.Set("heap", info.This());
      all.Set(each.entry->name, kernel);
    }
    return all;
  }

  /** A kernel's call: nothing but the C interface, for it is made often. */
  static napi_value Run(napi_env env, napi_callback_info info) {
    napi_value arguments[3];
    size_t count = 3;
    void* data = nullptr;
    uint32_t desc = 0;
    int32_t start = 0, end = 0;
    if (napi_get_cb_info(env, info, &count, arguments, nullptr, &data) != napi_ok) return nullptr;
    if (count < 3 || napi_get_value_uint32(env, arguments[0], &desc) != napi_ok ||
        napi_get_value_int32(env, arguments[1], &start) != napi_ok || napi_get_value_int32(env, arguments[2], &end) != napi_ok) {
      napi_throw_type_error(env, nullptr, "a kernel needs three numbers");
      return nullptr;
    }
    const Bound& bound = *static_cast<Bound*>(data);
    const Heap& heap = *bound.heap;
    const char* problem = nullptr;
    // another thread may have made the heap grow
    const uint64_t size = uint64_t(__atomic_load_n(reinterpret_cast<uint32_t*>(heap.base + heap.pages), __ATOMIC_RELAXED)) << 16;
    Call call = {heap.base, size, heap.scratch, nullptr, start, end};
    if (desc % 4 != 0 || !call.holds(desc, descriptorBytes)) problem = "its arguments do not lie in the heap";
    else {
      call.slots = reinterpret_cast<const int32_t*>(heap.base + desc);
      problem = bound.entry->kernel(call);
    }
    if (problem) napi_throw_range_error(env, nullptr, (std::string(bound.entry->name) + ": " + problem).c_str());
    return nullptr;
  }

  uint8_t* base = nullptr;
  uint64_t size = 0;
  Napi::Reference<Napi::Value> memory;
  /** Where the heap's number of pages stands in it. */
  uint32_t pages = 0;
  uint8_t* scratch = nullptr;
  const Kernels* kernels = nullptr;
  std::vector<Bound> bound;
};

Napi::Object exported(Napi::Env env, Napi::Object exports) {
  Napi::Array isas = Napi::Array::New(env);
  uint32_t count = 0;
  for (const Kernels* each : available()) isas.Set(count++, Napi::String::New(env, each->isa));
  exports.Set("isas", isas);
  exports.Set("Heap", Heap::Class(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(flambeau_cpu, exported)
