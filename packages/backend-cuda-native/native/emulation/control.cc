// The emulated driver's settings and counts, for tests: get(library, name), set(library, name, value).
#include <dlfcn.h>
#include <napi.h>

namespace {
template <class F> F symbol(const Napi::CallbackInfo& info, const char* name) {
  if (!info[0].IsString() || !info[1].IsString()) return nullptr;
  void* library = dlopen(info[0].As<Napi::String>().Utf8Value().c_str(), RTLD_NOW | RTLD_LOCAL);
  return library ? reinterpret_cast<F>(dlsym(library, name)) : nullptr;
}
Napi::Value fail(Napi::Env env) {
  Napi::TypeError::New(env, "this needs an emulated driver, one of its names, and a number to set").ThrowAsJavaScriptException();
  return env.Undefined();
}
Napi::Value Get(const Napi::CallbackInfo& info) {
  auto get = symbol<long long (*)(const char*)>(info, "emulation_get");
  const long long value = get ? get(info[1].As<Napi::String>().Utf8Value().c_str()) : -1;
  return value == -1 ? fail(info.Env()) : Napi::Number::New(info.Env(), static_cast<double>(value));
}
Napi::Value Set(const Napi::CallbackInfo& info) {
  auto set = symbol<int (*)(const char*, long long)>(info, "emulation_set");
  if (!set || !info[2].IsNumber()) return fail(info.Env());
  const int known = set(info[1].As<Napi::String>().Utf8Value().c_str(), info[2].As<Napi::Number>().Int64Value());
  return known ? info.Env().Undefined() : fail(info.Env());
}
Napi::Object Exports(Napi::Env env, Napi::Object exports) {
  exports.Set("get", Napi::Function::New(env, Get));
  exports.Set("set", Napi::Function::New(env, Set));
  return exports;
}
}  // namespace

NODE_API_MODULE(flambeau_cuda_control, Exports)
