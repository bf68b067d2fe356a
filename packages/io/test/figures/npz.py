# npz files as NumPy writes them: python npz.py > npz.json
import base64, io, json, zipfile
import numpy as np

def made(save, **arrays):
    out = io.BytesIO()
    save(out, **arrays)
    return out.getvalue()

dtypes = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "uint16", "uint32", "uint64"]
every = {d: (np.arange(6).reshape(2, 3) % 2 if d == "bool" else np.arange(6).reshape(2, 3) * 3).astype(d) for d in dtypes}
orders = {
    "fortran": np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4)),
    "big": np.arange(3, dtype=">i4"),
    "fortran and big": np.asfortranarray(np.arange(6, dtype=">f8").reshape(3, 2)),
    "view": np.arange(10, dtype=np.int16)[::3],
    "0-d": np.float32(2.5),
    "empty": np.zeros((0, 3)),
}
named = {"a/b": np.ones(1), "ä 日本": np.zeros(1), "x.npy": np.ones(2), "": np.ones(3)}
files = {
    "dtypes": made(np.savez, **every),
    "dtypes compressed": made(np.savez_compressed, **every),
    "orders": made(np.savez, **orders),
    "names": made(np.savez_compressed, **named),
    "positional": None,
}
out = io.BytesIO(); np.savez(out, np.arange(2), np.arange(3.0), k=np.ones(1)); files["positional"] = out.getvalue()
# small archives with the records of large ones, by smaller limits
zipfile.ZIP64_LIMIT = 10
files["zip64"] = made(np.savez, **{k: every[k] for k in ("int32", "float64")})
files["zip64 compressed"] = made(np.savez_compressed, a=np.zeros(1000), b=np.arange(3))
zipfile.ZIP64_LIMIT = (1 << 31) - 1
zipfile.ZIP_FILECOUNT_LIMIT = 1
files["zip64 by number"] = made(np.savez, **{k: every[k] for k in ("int32", "float64")})
print(json.dumps({"_made_by": f"NumPy {np.__version__}", **{k: base64.b64encode(v).decode() for k, v in files.items()}}, indent=1))
