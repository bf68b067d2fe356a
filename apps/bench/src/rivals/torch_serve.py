"""PyTorch's half of protocol.ts: the same lines of JSON, for whoever has a workbench."""
import json
import os
import sys
import time

try:
    import torch
except Exception as error:
    print(json.dumps({"unavailable": f"this Python cannot import torch: {error}"}), flush=True)
    sys.exit(0)

device = os.environ.get("FLAMBEAU_TORCH_DEVICE", "cpu")
torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
try:
    torch.set_default_device(device)
    torch.zeros(1)
except Exception as error:
    print(json.dumps({"unavailable": f"this torch has no {device}: {str(error).splitlines()[0]}"}), flush=True)
    sys.exit(0)
torch.manual_seed(0)


class Workload:
    """A call to time; `loss` holds the last loss of a training step."""

    def __init__(self, call):
        self.call = call
        self.loss = None

    def run(self, iterations):
        call = self.call
        start = time.perf_counter()
        for _ in range(iterations):
            call()
        if device != "cpu":
            torch.cuda.synchronize()
        return (time.perf_counter() - start) * 1e3


def training(optimizer, loss_of):
    def step():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        workload.loss = loss

    workload = Workload(step)
    return workload


def serve(workbench, keep_last=False):
    """Say hello and answer requests; with `keep_last` what a workload holds goes when another is asked for."""
    prepared = {}
    print(json.dumps({"ready": {"version": torch.__version__, "threads": torch.get_num_threads()}}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        name = request["run"]
        try:
            if name not in workbench:
                answer = {"unsupported": "not written for this rival"}
            else:
                if name not in prepared:
                    if keep_last:
                        prepared.clear()
                    prepared[name] = workbench[name]()
                workload = prepared[name]
                answer = {"ms": workload.run(request["iterations"])}
                if workload.loss is not None:
                    answer["loss"] = workload.loss.item()
        except Exception as error:
            answer = {"unsupported": str(error).split("\n")[0]}
        print(json.dumps(answer), flush=True)
