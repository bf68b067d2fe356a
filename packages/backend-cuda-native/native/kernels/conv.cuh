// Convolutions over planes, as products whose factors are looked up: each group's weights by what lies under their windows.
#include "tiles.cuh"
#include "window.cuh"

/** words: images, groups, channels and outputs of a group, windows */
struct Convolution : Windows {
  int64 images, groups, channels, outputs;
  DEVICE explicit Convolution(Words& words, int64 images, int64 groups, int64 channels, int64 outputs)
      : Windows(words), images(images), groups(groups), channels(channels), outputs(outputs) {}
  DEVICE static Convolution read(Words& words) {
    const int64 images = words.next(), groups = words.next(), channels = words.next(), outputs = words.next();
    return Convolution(words, images, groups, channels, outputs);
  }
  /** Where a plane begins: of x, and of y. */
  DEVICE int64 inputPlane(int64 image, int64 group, int64 channel) const { return ((image * groups + group) * channels + channel) * cells(); }
  DEVICE int64 outputPlane(int64 image, int64 group, int64 output) const { return ((image * groups + group) * outputs + output) * results(); }
};

/** x under the windows: rows are the results of all images, columns the places of the windows in each channel. */
template <class S> struct Patches {
  typedef Computed<S> T;
  const Convolution& conv;
  const S* x;
  int64 group;
  DEVICE bool alongK() const { return false; }
  DEVICE T operator()(int64 i, int64 k) const {
    const int64 cell = conv.cell(i % conv.results(), k % conv.kernel());
    return cell < 0 ? T(0) : T(x[conv.inputPlane(i / conv.results(), group, k / conv.kernel()) + cell]);
  }
};
/** The same with rows and columns exchanged. */
template <class S> struct PatchesOfResults {
  Patches<S> patches;
  DEVICE bool alongK() const { return true; }
  DEVICE Computed<S> operator()(int64 k, int64 j) const { return patches(k, j); }
};
/** A group's weights: rows are the places of the windows in each channel, columns the outputs. */
template <class S> struct Weights {
  const Convolution& conv;
  const S* weight;
  int64 group;
  DEVICE bool alongK() const { return true; }
  DEVICE Computed<S> operator()(int64 k, int64 j) const { return weight[(group * conv.outputs + j) * conv.channels * conv.kernel() + k]; }
};
template <class S> struct Results {
  const Convolution& conv;
  S* y;
  const S* bias;
  int64 group;
  DEVICE void operator()(int64 i, int64 j, Computed<S> sum) const {
    if (bias) sum += bias[group * conv.outputs + j];
    y[conv.outputPlane(i / conv.results(), group, j) + i % conv.results()] = sum;
  }
};

/** The tiles of each group's product, block by block. `product(group, slice, top, side)` makes one. */
template <class Product> DEVICE void eachTile(int64 groups, int64 slices, int64 M, int64 N, const Product& product) {
  const int64 across = (N + tile - 1) / tile, down = (M + tile - 1) / tile;
  for (int64 block = blockIdx.x; block < groups * slices * across * down; block += gridDim.x) {
    const int64 which = block / (across * down);
    product(which / slices, which % slices, block / across % down * tile, block % across * tile);
  }
}

// words: convolution, y, x, weight, bias or 0
template <class S> DEVICE void conv(const Args& args) {
  SHARED_TILES(Computed<S>);
  Words words(args);
  const Convolution conv = Convolution::read(words);
  S* y = elements<S>(words);
  const S* x = elements<const S>(words);
  const S* weight = elements<const S>(words);
  const S* bias = elements<const S>(words);
  const int64 M = conv.images * conv.results(), N = conv.outputs, K = conv.channels * conv.kernel();
  eachTile(conv.groups, 1, M, N, [&](int64 group, int64, int64 top, int64 side) {
    tileOf(left, right, top, side, M, N, 0, K, Patches<S>{conv, x, group}, Weights<S>{conv, weight, group}, Results<S>{conv, y, bias, group});
  });
}
FOR_EACH_FLOAT(BLOCK_KERNEL, conv, conv)
FOR_EACH_HALF(BLOCK_KERNEL, conv, conv)

/** g where windows cover a cell: rows are the cells of all images, columns the places of the windows for each output. */
template <class S> struct Covering {
  typedef Computed<S> T;
  const Convolution& conv;
  const S* g;
  int64 group;
  DEVICE bool alongK() const { return false; }
  DEVICE T operator()(int64 i, int64 k) const {
    const int64 result = conv.result(i % conv.cells(), k % conv.kernel());
    return result < 0 ? T(0) : T(g[conv.outputPlane(i / conv.cells(), group, k / conv.kernel()) + result]);
  }
};
template <class S> struct WeightsByOutput {
  const Convolution& conv;
  const S* weight;
  int64 group;
  DEVICE bool alongK() const { return true; }
  DEVICE Computed<S> operator()(int64 k, int64 j) const {
    const int64 output = group * conv.outputs + k / conv.kernel();
    return weight[(output * conv.channels + j) * conv.kernel() + k % conv.kernel()];
  }
};
template <class S> struct Cells {
  const Convolution& conv;
  S* x;
  int64 group;
  DEVICE void operator()(int64 i, int64 j, Computed<S> sum) const { x[conv.inputPlane(i / conv.cells(), group, j) + i % conv.cells()] = sum; }
};

// words: convolution, dx, g, weight
template <class S> DEVICE void convTranspose(const Args& args) {
  SHARED_TILES(Computed<S>);
  Words words(args);
  const Convolution conv = Convolution::read(words);
  S* x = elements<S>(words);
  const S* g = elements<const S>(words);
  const S* weight = elements<const S>(words);
  const int64 M = conv.images * conv.cells(), N = conv.channels, K = conv.outputs * conv.kernel();
  eachTile(conv.groups, 1, M, N, [&](int64 group, int64, int64 top, int64 side) {
    tileOf(left, right, top, side, M, N, 0, K, Covering<S>{conv, g, group}, WeightsByOutput<S>{conv, weight, group}, Cells<S>{conv, x, group});
  });
}
FOR_EACH_FLOAT(BLOCK_KERNEL, conv_transpose, convTranspose)
FOR_EACH_HALF(BLOCK_KERNEL, conv_transpose, convTranspose)

/** g as a matrix: rows are the outputs of a group, columns the results of all images. */
template <class T> struct Gradients {
  const Convolution& conv;
  const T* g;
  int64 group;
  DEVICE bool alongK() const { return true; }
  DEVICE T operator()(int64 i, int64 k) const { return g[conv.outputPlane(k / conv.results(), group, i) + k % conv.results()]; }
};
template <class T> struct WeightGradients {
  T* to;
  int64 columns;
  DEVICE void operator()(int64 i, int64 j, T sum) const { to[i * columns + j] = sum; }
};

// dweight, or where its sums go in slices as many of it. words: convolution, slices, dweight, g, x
template <class T> DEVICE void convWeightGrad(const Args& args) {
  SHARED_TILES(T);
  Words words(args);
  const Convolution conv = Convolution::read(words);
  const int64 slices = words.next();
  T* weight = elements<T>(words);
  const T* g = elements<const T>(words);
  const T* x = elements<const T>(words);
  const int64 M = conv.outputs, N = conv.channels * conv.kernel(), K = conv.images * conv.results();
  const int64 length = (K + slices - 1) / slices;
  eachTile(conv.groups, slices, M, N, [&](int64 group, int64 slice, int64 top, int64 side) {
    const int64 from = slice * length, end = from + length < K ? from + length : K;
    T* to = weight + (slice * conv.groups + group) * M * N;
    tileOf(left, right, top, side, M, N, from, end, Gradients<T>{conv, g, group}, PatchesOfResults<T>{{conv, x, group}}, WeightGradients<T>{to, N});
  });
}
FOR_EACH_FLOAT(BLOCK_KERNEL, conv_weight_grad, convWeightGrad)
