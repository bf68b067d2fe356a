// In place of races.cc where kernels are not instrumented.
#include "races.h"

const char* raceFound() { return nullptr; }
