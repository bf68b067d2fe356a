"""How PyTorch prints tensors: python print.py > print.json (torch 2.13). Integers are int64 there, our int32."""
import json
import torch

cases = {}


def case(name, data, dtype=torch.float32, shape=None):
    t = torch.tensor(data, dtype=dtype)
    if shape:
        t = t.reshape(shape)
    cases[name] = {"data": json.loads(json.dumps([str(v) for v in t.flatten().tolist()])), "shape": list(t.shape), "dtype": str(t.dtype)[6:], "text": str(t)}


inf, nan = float("inf"), float("nan")
case("scalar", 3.14159)
case("whole scalar", 2.0)
case("whole numbers", [1, 2, 3])
case("fractions", [0.1, -2.25, 100.5])
case("matrix", [[1, 2], [3, 4]])
case("mixed width matrix", [[1.5, -22.25], [333.125, 4]])
case("large whole numbers", [1e9, 2.0])
case("wide whole range", [1.0, 100000.0])
case("wide range", [1e-3, 1e4])
case("tiny", [1e-6, 2e-6])
case("tiny and one", [1e-5, 1.0])
case("nan and inf", [1.5, nan, inf, -inf])
case("only nan", [nan, nan])
case("whole with nan", [1.0, nan])
case("zeros", [0.0, 0.0])
case("negative zero", [-0.0, 1.0])
case("negative", [-1.0, -0.5])
case("integers", [1, -20, 300], torch.int64)
case("integer matrix", [[1, 2], [30, -4]], torch.int64)
case("bools", [True, False, True], torch.bool)
case("bool matrix", [[True, False], [False, False]], torch.bool)
case("three dimensions", list(range(12)), shape=[2, 3, 2])
case("four dimensions", list(range(16)), torch.int64, shape=[2, 2, 2, 2])
case("long row", [i / 7 for i in range(40)])
case("long integer row", list(range(60)), torch.int64)
case("summarized vector", list(range(2000)))
case("summarized matrix", list(range(50 * 40)), torch.int64, shape=[50, 40])
case("summarized cube", [i / 10 for i in range(10 * 12 * 14)], shape=[10, 12, 14])
case("wide but few rows", [i / 3 for i in range(3 * 500)], shape=[3, 500])
case("empty", [])
case("empty matrix", [], shape=[0, 3])
case("double", [1.5], torch.float64)
case("int8", [1, -2], torch.int8)
case("half", [1.5, 2.0], torch.float16)
print(json.dumps(cases))
