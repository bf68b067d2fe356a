import { FormatError } from "@flambeau/tensor/functional";

/** Formats that files given to the wrong reader turn out to have: how they start, what they are, and what reads them. */
const formats: readonly (readonly [start: readonly (number | undefined)[], what: string, hint: string])[] = [
  [[0x50, 0x4b, 3, 4], "a zip archive: NumPy's npz, or PyTorch's .pt", "loadNpz() reads npz, loadPt() reads .pt"],
  [[0x50, 0x4b, 5, 6], "an empty zip archive", "loadNpz() reads npz"],
  [[0x80, undefined, 0x8a, 0x0a], "a Python pickle, as old .pt files are", "loadPt() reads .pt"],
  [
    [0x80, undefined, 0x7d],
    "a Python pickle",
    "a pickle is a program: save it in Python with safetensors.torch.save_file() or numpy.savez()",
  ],
  [
    [0x80, undefined, 0x95],
    "a Python pickle",
    "a pickle is a program: save it in Python with safetensors.torch.save_file() or numpy.savez()",
  ],
  [[0x1f, 0x8b], "gzip data", "unpack it first: data.gunzip(bytes), then decode() or a parser on what it gives"],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "NumPy's npy", "loadNpy() or parseNpy() reads it"],
  [
    [0x89, 0x48, 0x44, 0x46],
    "HDF5, as Keras saves it",
    "convert it in Python: numpy.savez() or safetensors.numpy.save_file()",
  ],
  [[0x47, 0x47, 0x55, 0x46], "GGUF", "loadGguf() or openGguf() reads it"],
  // the field ir_version, then the name of the program that wrote it, or the graph
  [
    [0x08, undefined, 0x12],
    "an ONNX model",
    "take its weights in Python: onnx.numpy_helper.to_array(), then numpy.savez()",
  ],
  [
    [0x08, undefined, 0x3a],
    "an ONNX model",
    "take its weights in Python: onnx.numpy_helper.to_array(), then numpy.savez()",
  ],
];

/** @throws FormatError that says what the bytes are, when they start as another known format than the one that is `wanted`. */
export function refuseOtherFormat(head: Uint8Array, wanted: string, file: string): void {
  for (const [start, what, hint] of formats)
    if (start.every((byte, i) => (byte === undefined ? i < head.length : head[i] === byte)))
      throw new FormatError(file, 0, `this is ${what}, not ${wanted}`, hint);
}
