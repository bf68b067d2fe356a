# GGUF files as gguf-py (of llama.cpp) writes them, and what it makes of their tensors: python gguf_figures.py > gguf.json
import base64, json, os, struct, tempfile
import numpy as np
import gguf
from gguf import GGUFWriter, GGUFReader, GGMLQuantizationType as T, GGUFEndian, quants
from gguf.constants import GGML_QUANT_SIZES

rng = np.random.default_rng(0)
text = lambda b: base64.b64encode(b).decode()

def blocks(kind, rows, columns):
    """Random blocks, whose factors are no infinities and no NaN."""
    elements, size = GGML_QUANT_SIZES[kind]
    raw = rng.integers(0, 256, (rows * columns // elements, size), dtype=np.uint8)
    halves = {T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0], T.Q2_K: [80, 82], T.Q3_K: [108],
              T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208]}[kind]
    for at in halves:
        raw[:, at:at + 2] = rng.normal(0, 0.1, len(raw)).astype(np.float16).view(np.uint8).reshape(-1, 2)
    return raw.reshape(rows, -1), halves

quantized = [T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0, T.Q2_K, T.Q3_K, T.Q4_K, T.Q5_K, T.Q6_K]
tensors = {k.name: (*blocks(k, 2, GGML_QUANT_SIZES[k][0]), k) for k in quantized}
weights = rng.normal(0, 1, (2, 64)).astype(np.float32)
real = {f"real.{k.name}": (quants.quantize(weights, k), None, k) for k in (T.Q4_0, T.Q8_0, T.BF16)}
plain = {
    "f32": np.array([[0.1, -2.5, 3e38], [1e-40, np.inf, -0.0]], np.float32),
    "f16": np.array([1.5, -2, 6e-8, 65504], np.float16),
    "f64": np.array([0.1, -1e300]),
    "i8": np.array([-128, 127], np.int8),
    "i16": np.array([-32768, 5], np.int16),
    "i32": np.array([[[-7]], [[2**31 - 1]]], np.int32),
    "i64": np.array([2**53 + 1, -1], np.int64),
}

def write(endian, alignment, names):
    path = tempfile.mktemp(suffix=".gguf")
    w = GGUFWriter(path, "test", endianess=endian)
    if alignment != 32:
        w.add_custom_alignment(alignment)
    w.add_uint8("a.u8", 255); w.add_int8("a.i8", -128); w.add_uint16("a.u16", 65535); w.add_int16("a.i16", -32768)
    w.add_uint32("a.u32", 2**32 - 1); w.add_int32("a.i32", -2**31); w.add_float32("a.f32", 0.5); w.add_bool("a.bool", True)
    w.add_string("a.string", "é 日本 \U0001f525"); w.add_uint64("a.u64", 2**64 - 1); w.add_int64("a.i64", -5)
    w.add_float64("a.f64", 0.1); w.add_array("a.list", [1, -2, 3]); w.add_array("a.tokens", ["<s>", "</s>", "ä"])
    w.add_array("a.floats", [0.5, -1.5]); w.add_array("a.bools", [True, False])
    w.add_string("__proto__", "a name like others")
    for name in names:
        if name in plain:
            w.add_tensor(name, plain[name])
            continue
        raw, halves, kind = (tensors | real)[name]
        if endian == GGUFEndian.BIG:
            # as gguf_convert_endian.py does it: the half floats are turned, the rest are bytes
            if kind == T.BF16:
                raw = raw.view(np.uint16).byteswap().view(np.uint8)
            else:
                size = GGML_QUANT_SIZES[kind][1]
                flat = raw.reshape(-1, size).copy()
                for at in halves if halves is not None else [0]:
                    flat[:, at:at + 2] = flat[:, [at + 1, at]]
                raw = flat.reshape(raw.shape)
        w.add_tensor(name, raw, raw_dtype=kind, tensor_endianess=endian)
    w.write_header_to_file(); w.write_kv_data_to_file(); w.write_tensors_to_file(); w.close()
    data = open(path, "rb").read()
    os.unlink(path)
    return data

every = list(plain) + list(tensors) + list(real)
little = write(GGUFEndian.LITTLE, 32, every)
files = {
    "little": little,
    "version 2": little[:4] + struct.pack("<I", 2) + little[8:],
    "big": write(GGUFEndian.BIG, 32, every),
    "aligned to 256": write(GGUFEndian.LITTLE, 256, ["f32", "i8", "Q4_0"]),
    "no tensors": write(GGUFEndian.LITTLE, 32, []),
}
# read back by the reader of the same package, which knows nothing of how we wrote it
path = tempfile.mktemp(suffix=".gguf")
open(path, "wb").write(little)
values = {}
for t in GGUFReader(path).tensors:
    shape = [int(n) for n in reversed(t.shape)]
    made = quants.dequantize(t.data, t.tensor_type) if t.tensor_type.name not in ("F16", "F64", "I8", "I16", "I32", "I64") else t.data
    if t.tensor_type == T.BF16:
        made = t.data
    values[t.name] = {"format": t.tensor_type.name, "shape": shape, "data": text(np.ascontiguousarray(made).tobytes())}
os.unlink(path)
print(json.dumps({"_made_by": "gguf 0.19.0", "files": {k: text(v) for k, v in files.items()}, "values": values}, indent=1))
