// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): element i is word i % 4 of block offset + i / 4.
#include "elements.cuh"

DEVICE uint32 highProduct(uint32 a, uint32 b) { return uint32((uint64(a) * b) >> 32); }

// words: elements, output's address, seed, offset
KERNEL(philox) {
  Words words(args);
  const int64 count = words.next();
  int32* output = reinterpret_cast<int32*>(words.next());
  const uint64 seed = uint64(words.next()), offset = uint64(words.next());
  for (int64 block = threadNumber(); block * 4 < count; block += threadCount()) {
    const uint64 number = offset + uint64(block);
    uint32 c[4] = {uint32(number), uint32(number >> 32), 0, 0};
    uint32 k0 = uint32(seed), k1 = uint32(seed >> 32);
    for (int round = 0; round < 10; round++) {
      const uint32 h0 = highProduct(c[0], 0xd2511f53u), l0 = c[0] * 0xd2511f53u;
      const uint32 h1 = highProduct(c[2], 0xcd9e8d57u), l1 = c[2] * 0xcd9e8d57u;
      c[0] = h1 ^ c[1] ^ k0;
      c[1] = l1;
      c[2] = h0 ^ c[3] ^ k1;
      c[3] = l0;
      k0 += 0x9e3779b9u;
      k1 += 0xbb67ae85u;
    }
    for (int w = 0; w < 4; w++)
      if (block * 4 + w < count) output[block * 4 + w] = int32(c[w]);
  }
}
