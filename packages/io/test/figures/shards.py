# A model in several files, as huggingface's own writer of safetensors makes them, with an index: python shards.py > shards.json
import base64, json, tempfile, pathlib
import numpy, safetensors, safetensors.numpy

tensors = {f"layer{i}.weight": (numpy.arange(6, dtype=numpy.float32) + i / 4).reshape(2, 3) for i in range(4)}
names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
shards = [dict(list(tensors.items())[:2]), dict(list(tensors.items())[2:])]
with tempfile.TemporaryDirectory() as folder:
    files = {}
    for name, shard in zip(names, shards):
        path = pathlib.Path(folder) / name
        safetensors.numpy.save_file(shard, path, metadata={"format": "pt"})
        files[name] = base64.b64encode(path.read_bytes()).decode()
weight_map = {key: name for name, shard in zip(names, shards) for key in shard}
index = json.dumps({"metadata": {"total_size": 96}, "weight_map": weight_map}, indent=2, sort_keys=True) + "\n"
files["model.safetensors.index.json"] = base64.b64encode(index.encode()).decode()
values = {k: v.tolist() for k, v in tensors.items()}
print(json.dumps({"_made_by": f"safetensors {safetensors.__version__}", "files": files, "values": values}, indent=1))
