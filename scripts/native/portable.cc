// What keeps an addon that is built on a newer system loadable on older ones (glibc 2.28 and later): functions that glibc has given
// newer versions since are taken in their oldest one, and what it has added since is made of what was there. The definitions are hidden, so
// they serve the addon and the C++ library that is linked into it, and nobody else; the linker drops those that nobody needs.
#include <link.h>
#include <pthread.h>

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#define OLDEST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define OLDEST "GLIBC_2.17"
#else
#error "the oldest version of this processor's glibc is not known here"
#endif

// Definitions under the names of C's library, which its headers and the compiler know otherwise: their names here are others.
#define HIDDEN extern "C" __attribute__((visibility("hidden")))
#define AS_OLD(result, name, params, args)               \
  __asm__(".symver old_" #name ", " #name "@" OLDEST);   \
  extern "C" result old_##name params;                   \
  HIDDEN result own_##name params __asm__(#name);        \
  result own_##name params { return old_##name args; }

// moved into libc.so by 2.34
AS_OLD(void*, dlopen, (const char* path, int flags), (path, flags))
AS_OLD(void*, dlsym, (void* library, const char* name), (library, name))
AS_OLD(int, dlclose, (void* library), (library))
AS_OLD(char*, dlerror, (), ())
AS_OLD(int, pthread_create, (pthread_t * thread, const pthread_attr_t* how, void* (*start)(void*), void* with), (thread, how, start, with))
AS_OLD(int, pthread_join, (pthread_t thread, void** result), (thread, result))
AS_OLD(int, pthread_detach, (pthread_t thread), (thread))
AS_OLD(int, pthread_once, (pthread_once_t * once, void (*call)()), (once, call))
AS_OLD(int, pthread_key_create, (pthread_key_t * key, void (*drop)(void*)), (key, drop))
AS_OLD(int, pthread_setspecific, (pthread_key_t key, const void* value), (key, value))
AS_OLD(void*, pthread_getspecific, (pthread_key_t key), (key))
AS_OLD(int, __pthread_key_create, (pthread_key_t * key, void (*drop)(void*)), (key, drop))

// given new versions by 2.29, which leave errno alone
#define AS_OLD_REAL(name) AS_OLD(double, name, (double x), (x))
AS_OLD_REAL(exp)
AS_OLD_REAL(exp2)
AS_OLD_REAL(log)
AS_OLD_REAL(log2)
AS_OLD(double, pow, (double x, double y), (x, y))

/** Added by 2.32: whether nobody else can be looking. Without it the C++ library counts as with several threads. */
HIDDEN char own_single_threaded __asm__("__libc_single_threaded");
char own_single_threaded = 0;

namespace {
/** What 2.35 tells of the object that holds an address, to who unwinds a stack. */
struct Found {
  unsigned long long flags;
  void* start;
  void* end;
  struct link_map* map;
  void* frames;
  unsigned long long reserved[7];
};
struct Search {
  uintptr_t address;
  Found* found;
};
int look(dl_phdr_info* object, size_t, void* data) {
  const Search& search = *static_cast<Search*>(data);
  bool holds = false;
  Found found = {};
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) & header = object->dlpi_phdr[i];
    const uintptr_t start = object->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_GNU_EH_FRAME) found.frames = reinterpret_cast<void*>(start);
    if (header.p_type != PT_LOAD || search.address - start >= header.p_memsz) continue;
    holds = true;
    found.start = reinterpret_cast<void*>(start);
    found.end = reinterpret_cast<void*>(start + header.p_memsz);
  }
  if (!holds || !found.frames) return 0;
  *search.found = found;
  return 1;
}
}  // namespace

HIDDEN int own_find_object(void* address, Found* found) __asm__("_dl_find_object");
int own_find_object(void* address, Found* found) {
  Search search{reinterpret_cast<uintptr_t>(address), found};
  return dl_iterate_phdr(look, &search) == 1 ? 0 : -1;
}
