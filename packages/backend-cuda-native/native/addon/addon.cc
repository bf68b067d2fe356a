// What JavaScript sees: `open(library)` and `Device`. Every argument is checked here, no exception crosses, and what a driver refuses is
// an Error with the call, the code, its name and its meaning.
#include <napi.h>

#include <cstring>

#include "nvrtc.h"
#include "session.h"

namespace {

Napi::Error cublasError(Napi::Env env, Failure failure) {
  const char* name = failure.cublas->getStatusName(failure.code);
  Napi::Error error = Napi::Error::New(env, std::string("cuBLASLt: ") + failure.call + ": " + (name ? name : "an error without a name"));
  error.Set("call", Napi::String::New(env, failure.call));
  error.Set("cublas", Napi::Number::New(env, failure.code));
  return error;
}
Napi::Error driverError(Napi::Env env, Driver* driver, Failure failure) {
  if (failure.cublas) return cublasError(env, failure);
  const char* name = nullptr;
  const char* meaning = nullptr;
  if (driver->getErrorName(failure.code, &name) != success || !name) name = "an error that the driver has no name for";
  if (driver->getErrorString(failure.code, &meaning) != success || !meaning) meaning = "no more is known";
  Napi::Error error = Napi::Error::New(env, std::string(failure.call) + ": " + name + " (" + meaning + ")");
  error.Set("call", Napi::String::New(env, failure.call));
  error.Set("code", Napi::Number::New(env, failure.code));
  error.Set("error", Napi::String::New(env, name));
  error.Set("meaning", Napi::String::New(env, meaning));
  return error;
}

/** A whole number up to 2^53, as sizes and addresses are. */
bool whole(const Napi::Value& value, uint64_t& out) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number <= 9007199254740992.0) || number != static_cast<double>(static_cast<uint64_t>(number)))
    return false;
  out = static_cast<uint64_t>(number);
  return true;
}
bool bytesOf(const Napi::Value& value, uint8_t*& data, size_t& length) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) return false;
  Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  data = array.Data();
  length = array.ByteLength();
  return true;
}
Napi::Value refuse(Napi::Env env, const char* what) {
  Napi::TypeError::New(env, what).ThrowAsJavaScriptException();
  return env.Undefined();
}

class Device : public Napi::ObjectWrap<Device> {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(env, "Device",
                       {InstanceMethod<&Device::Load>("load"), InstanceMethod<&Device::Kernel>("kernel"),
                        InstanceMethod<&Device::Alloc>("alloc"), InstanceMethod<&Device::Free>("free"),
                        InstanceMethod<&Device::Write>("write"), InstanceMethod<&Device::ReadSync>("readSync"),
                        InstanceMethod<&Device::Read>("read"), InstanceMethod<&Device::Launch>("launch"),
                        InstanceMethod<&Device::UseCublas>("useCublas"), InstanceMethod<&Device::Product>("product"),
                        InstanceMethod<&Device::Synchronize>("synchronize"), InstanceMethod<&Device::Close>("close")});
  }

  explicit Device(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Device>(info) {
    Napi::Env env = info.Env();
    uint64_t ordinal = 0;
    if (!info[0].IsString() || !whole(info[1], ordinal)) {
      refuse(env, "Device needs the library's name and the device's number");
      return;
    }
    std::string problem;
    driver = Driver::open(info[0].As<Napi::String>().Utf8Value(), problem);
    if (!driver) {
      Napi::Error::New(env, problem).ThrowAsJavaScriptException();
      return;
    }
    CUdevice device = 0;
    Failure failure = {driver->init(0), "init"};
    if (!failure) failure = {driver->deviceGet(&device, static_cast<int>(ordinal)), "deviceGet"};
    if (!failure) {
      session = std::make_unique<Session>(driver, device);
      failure = session->open();
    }
    if (failure) {
      session.reset();
      driverError(env, driver, failure).ThrowAsJavaScriptException();
      return;
    }
    settled = Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "cuda reads", 0, 1);
    if (static_cast<napi_threadsafe_function>(settled) == nullptr) { // the thread is told to end
      session.reset();
      return;
    }
    settled.Unref(env);
    napi_add_env_cleanup_hook(env, &Device::EnvironmentEnds, this);
    hooked = env;
  }
  ~Device() override { Shut(); }

 private:
  /** A read that JavaScript waits for. */
  struct Reading {
    Device* device;
    Napi::FunctionReference callback;
    size_t length;
    Failure failure;
    Session::Bytes bytes;
  };

  static void EnvironmentEnds(void* self) {
    Device* device = static_cast<Device*>(self);
    device->hooked = nullptr;
    device->Shut();
  }
  void Shut() {
    if (hooked) napi_remove_env_cleanup_hook(hooked, &Device::EnvironmentEnds, this);
    hooked = nullptr;
    if (!session) return;
    session->close();
    session.reset();
    settled.Release();
  }
  /** Whether the device is there, and the call worked; else the error is thrown. */
  bool worked(Napi::Env env, Failure failure) {
    if (!failure) return true;
    driverError(env, driver, failure).ThrowAsJavaScriptException();
    return false;
  }
  bool open(Napi::Env env) {
    if (session) return true;
    refuse(env, "this device was closed");
    return false;
  }

  Napi::Value Load(const Napi::CallbackInfo& info) {
    if (!open(info.Env())) return info.Env().Undefined();
    if (!info[0].IsString()) return refuse(info.Env(), "load needs a text");
    uint32_t number = 0;
    if (!worked(info.Env(), session->load(info[0].As<Napi::String>().Utf8Value(), number))) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), number);
  }
  Napi::Value Kernel(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    if (!open(env)) return env.Undefined();
    uint64_t module = 0;
    if (!info[0].IsString() || !whole(info[1], module) || module > 0xffffffff)
      return refuse(env, "kernel needs a name and a module's number");
    uint32_t number = 0;
    const std::string name = info[0].As<Napi::String>().Utf8Value();
    if (!worked(env, session->kernel(static_cast<uint32_t>(module), name.c_str(), number))) return env.Undefined();
    return Napi::Number::New(env, number);
  }
  Napi::Value Alloc(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    uint64_t bytes = 0;
    if (!open(env)) return env.Undefined();
    if (!whole(info[0], bytes)) return refuse(env, "alloc needs a number of bytes");
    CUdeviceptr pointer = 0;
    if (!worked(env, session->alloc(bytes, pointer))) return env.Undefined();
    return Napi::Number::New(env, static_cast<double>(pointer));
  }
  Napi::Value Free(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    uint64_t pointer = 0;
    if (!open(env)) return env.Undefined();
    if (!whole(info[0], pointer)) return refuse(env, "free needs an address");
    worked(env, session->free(pointer));
    return env.Undefined();
  }
  Napi::Value Write(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    uint64_t pointer = 0;
    uint8_t* data = nullptr;
    size_t length = 0;
    if (!open(env)) return env.Undefined();
    if (!whole(info[0], pointer) || !bytesOf(info[1], data, length)) return refuse(env, "write needs an address and bytes");
    worked(env, session->write(pointer, data, length));
    return env.Undefined();
  }
  Napi::Value ReadSync(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    uint64_t pointer = 0, bytes = 0;
    if (!open(env)) return env.Undefined();
    if (!whole(info[0], pointer) || !whole(info[1], bytes)) return refuse(env, "readSync needs an address and a number of bytes");
    Napi::Uint8Array out = Napi::Uint8Array::New(env, bytes);
    if (out.IsEmpty()) return env.Undefined(); // an error waits, or the thread is told to end
    if (!worked(env, session->readNow(out.Data(), pointer, bytes))) return env.Undefined();
    return out;
  }
  Napi::Value Read(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    uint64_t pointer = 0, bytes = 0;
    if (!open(env)) return env.Undefined();
    if (!whole(info[0], pointer) || !whole(info[1], bytes) || !info[2].IsFunction())
      return refuse(env, "read needs an address, a number of bytes and a function");
    auto* reading = new Reading{this, Napi::Persistent(info[2].As<Napi::Function>()), bytes, {}, {}};
    Failure failure = session->read(pointer, bytes, [this, reading](Failure failed, Session::Bytes copy) {
      reading->failure = failed;
      reading->bytes = std::move(copy);
      settled.BlockingCall(reading, [](Napi::Env env, Napi::Function, Reading* done) { Settle(env, done); });
    });
    if (failure) {
      delete reading;
      worked(env, failure);
      return env.Undefined();
    }
    if (readings++ == 0) settled.Ref(env); // the process waits for reads
    return env.Undefined();
  }
  static void Settle(Napi::Env env, Reading* reading) {
    std::unique_ptr<Reading> owned(reading);
    if (env == nullptr) { // the environment ends, and its references with it
      reading->callback.SuppressDestruct();
      return;
    }
    Device* device = reading->device;
    if (--device->readings == 0) device->settled.Unref(env);
    Napi::HandleScope scope(env);
    if (reading->failure) {
      reading->callback.Call({driverError(env, device->driver, reading->failure).Value(), env.Undefined()});
      return;
    }
    uint8_t* bytes = reading->bytes.release();
    auto buffer = Napi::ArrayBuffer::New(env, bytes, reading->length, [](Napi::Env, void* data) { delete[] static_cast<uint8_t*>(data); });
    if (buffer.IsEmpty()) return; // the thread is told to end
    reading->callback.Call({env.Null(), Napi::Uint8Array::New(env, reading->length, buffer, 0)});
  }

  Napi::Value Launch(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    uint64_t kernel = 0, gridX = 0, gridY = 0, blockX = 0, bytes = 0;
    uint8_t* words = nullptr;
    size_t length = 0;
    if (!open(env)) return env.Undefined();
    if (!whole(info[0], kernel) || !whole(info[1], gridX) || !whole(info[2], gridY) || !whole(info[3], blockX) ||
        !bytesOf(info[4], words, length) || !whole(info[5], bytes) || bytes > length || gridX > 0x7fffffff || gridY > 65535 ||
        blockX > 1024)
      return refuse(env, "launch needs a kernel, a grid of two sizes, a block's size, bytes and how many of them");
    worked(env, session->launch(kernel, gridX, gridY, blockX, words, bytes));
    return env.Undefined();
  }
  /** useCublas(library): its version. */
  Napi::Value UseCublas(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    if (!open(env)) return env.Undefined();
    if (!info[0].IsString()) return refuse(env, "useCublas needs the library's name");
    std::string problem;
    Cublas* cublas = Cublas::open(info[0].As<Napi::String>().Utf8Value(), problem);
    if (!cublas) {
      Napi::Error::New(env, problem).ThrowAsJavaScriptException();
      return env.Undefined();
    }
    if (!worked(env, session->useCublas(cublas))) return env.Undefined();
    return Napi::Number::New(env, static_cast<double>(cublas->getVersion()));
  }
  /**
   * product(numbers): type, tf32, batch; of a, b and d address, rows, columns, step, batch's step, whether transposed; the bias's address or 0.
   * False where cuBLASLt has none for this form, or no room.
   */
  Napi::Value Product(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    if (!open(env)) return env.Undefined();
    constexpr size_t count = 3 + 3 * 6 + 1;
    uint64_t n[count];
    bool right = info[0].IsTypedArray() && info[0].As<Napi::TypedArray>().TypedArrayType() == napi_float64_array &&
                 info[0].As<Napi::TypedArray>().ElementLength() == count;
    for (size_t i = 0; right && i < count; i++) {
      const double number = info[0].As<Napi::Float64Array>()[i];
      right = number >= 0 && number <= 9007199254740992.0 && number == static_cast<double>(static_cast<uint64_t>(number));
      if (right) n[i] = static_cast<uint64_t>(number);
    }
    if (!right || n[2] == 0 || n[2] > 0x7fffffff) return refuse(env, "product needs the numbers of a product");
    const auto factor = [&](size_t at) {
      return Factor{n[at + 1], n[at + 2], static_cast<int64_t>(n[at + 3]), static_cast<int64_t>(n[at + 4]), n[at + 5] != 0};
    };
    const auto alignment = [](uint64_t address) { return static_cast<uint32_t>(address % 256 == 0 ? 256 : address & -address); };
    const Operands operands{n[3], n[9], n[15], n[21]};
    const Form form{static_cast<int>(n[0]), n[1] != 0, operands.bias != 0, static_cast<int32_t>(n[2]), factor(3), factor(9), factor(15),
                    {alignment(n[3]), alignment(n[9]), alignment(n[15]), operands.bias ? alignment(n[21]) : 0}};
    bool done = false;
    if (!worked(env, session->product(form, operands, done))) return env.Undefined();
    return Napi::Boolean::New(env, done);
  }
  Napi::Value Synchronize(const Napi::CallbackInfo& info) {
    if (open(info.Env())) worked(info.Env(), session->synchronize());
    return info.Env().Undefined();
  }
  Napi::Value Close(const Napi::CallbackInfo& info) {
    Shut();
    return info.Env().Undefined();
  }

  Driver* driver = nullptr;
  std::unique_ptr<Session> session;
  Napi::ThreadSafeFunction settled;
  size_t readings = 0;
  /** Where it is told of the environment's end. Not Env(): a thread that is told to end may have no object to go with this. */
  napi_env hooked = nullptr;
};

/** open(library): the driver's version and its devices. */
Napi::Value Open(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString()) return refuse(env, "open needs the library's name");
  std::string problem;
  Driver* driver = Driver::open(info[0].As<Napi::String>().Utf8Value(), problem);
  if (!driver) {
    Napi::Error::New(env, problem).ThrowAsJavaScriptException();
    return env.Undefined();
  }
  int version = 0, count = 0;
  Failure failure = {driver->init(0), "init"};
  if (!failure) failure = {driver->driverGetVersion(&version), "driverGetVersion"};
  if (!failure) failure = {driver->deviceGetCount(&count), "deviceGetCount"};
  Napi::Array devices = Napi::Array::New(env);
  for (int i = 0; i < count && !failure; i++) {
    CUdevice device = 0;
    char name[256] = "";
    size_t memory = 0;
    int major = 0, minor = 0, processors = 0;
    failure = {driver->deviceGet(&device, i), "deviceGet"};
    if (!failure) failure = {driver->deviceGetName(name, sizeof name, device), "deviceGetName"};
    if (!failure) failure = {driver->deviceTotalMem(&memory, device), "deviceTotalMem"};
    if (!failure) failure = {driver->deviceGetAttribute(&major, computeCapabilityMajor, device), "deviceGetAttribute"};
    if (!failure) failure = {driver->deviceGetAttribute(&minor, computeCapabilityMinor, device), "deviceGetAttribute"};
    if (!failure) failure = {driver->deviceGetAttribute(&processors, multiprocessorCount, device), "deviceGetAttribute"};
    Napi::Object one = Napi::Object::New(env);
    one.Set("name", Napi::String::New(env, name));
    one.Set("memory", Napi::Number::New(env, static_cast<double>(memory)));
    one.Set("capability", Napi::Number::New(env, major * 10 + minor));
    one.Set("processors", Napi::Number::New(env, processors));
    devices.Set(static_cast<uint32_t>(i), one);
  }
  if (failure) {
    driverError(env, driver, failure).ThrowAsJavaScriptException();
    return env.Undefined();
  }
  Napi::Object out = Napi::Object::New(env);
  out.Set("version", Napi::Number::New(env, version));
  out.Set("devices", devices);
  return out;
}

Napi::Value nvrtcError(Napi::Env env, Nvrtc* nvrtc, const char* call, nvrtcResult code, const std::string& log) {
  const char* meaning = nvrtc->getErrorString(code);
  Napi::Error error = Napi::Error::New(env, std::string("NVRTC: ") + call + ": " + (meaning ? meaning : "an error without a name"));
  error.Set("nvrtc", Napi::Number::New(env, code));
  error.Set("log", Napi::String::New(env, log));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}
/** nvrtc(library): the compiler's version, and the architectures that it compiles for. */
Napi::Value OpenNvrtc(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString()) return refuse(env, "nvrtc needs the library's name");
  std::string problem;
  Nvrtc* nvrtc = Nvrtc::open(info[0].As<Napi::String>().Utf8Value(), problem);
  if (!nvrtc) {
    Napi::Error::New(env, problem).ThrowAsJavaScriptException();
    return env.Undefined();
  }
  int major = 0, minor = 0, count = 0;
  if (const nvrtcResult code = nvrtc->version(&major, &minor)) return nvrtcError(env, nvrtc, "version", code, "");
  if (const nvrtcResult code = nvrtc->getNumSupportedArchs(&count)) return nvrtcError(env, nvrtc, "getNumSupportedArchs", code, "");
  std::vector<int> known(count > 0 ? count : 0);
  if (const nvrtcResult code = known.empty() ? 0 : nvrtc->getSupportedArchs(known.data()))
    return nvrtcError(env, nvrtc, "getSupportedArchs", code, "");
  Napi::Array architectures = Napi::Array::New(env);
  for (uint32_t i = 0; i < known.size(); i++) architectures.Set(i, Napi::Number::New(env, known[i]));
  Napi::Object out = Napi::Object::New(env);
  out.Set("version", Napi::Number::New(env, major * 1000 + minor * 10));
  out.Set("architectures", architectures);
  return out;
}
/** compile(library, text, options): its PTX. */
Napi::Value Compile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsString() || !info[2].IsArray())
    return refuse(env, "compile needs the library's name, a text and a list of options");
  std::string problem;
  Nvrtc* nvrtc = Nvrtc::open(info[0].As<Napi::String>().Utf8Value(), problem);
  if (!nvrtc) {
    Napi::Error::New(env, problem).ThrowAsJavaScriptException();
    return env.Undefined();
  }
  std::vector<std::string> options;
  Napi::Array list = info[2].As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); i++) {
    Napi::Value one = list.Get(i);
    if (!one.IsString()) return refuse(env, "an option is a text");
    options.push_back(one.As<Napi::String>().Utf8Value());
  }
  std::string ptx, log;
  const char* call = "";
  if (const nvrtcResult code = nvrtc->compile(info[1].As<Napi::String>().Utf8Value(), options, ptx, log, call))
    return nvrtcError(env, nvrtc, call, code, log);
  return Napi::String::New(env, ptx);
}

Napi::Object Exports(Napi::Env env, Napi::Object exports) {
  exports.Set("open", Napi::Function::New(env, Open));
  exports.Set("nvrtc", Napi::Function::New(env, OpenNvrtc));
  exports.Set("compile", Napi::Function::New(env, Compile));
  exports.Set("Device", Device::Class(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(flambeau_cuda, Exports)
