# What torch.utils.tensorboard writes: python events.py > events.json
import base64, glob, json, os, tempfile
import numpy as np, torch, tensorboard
from PIL import Image
from torch.utils.tensorboard import SummaryWriter
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event

text = lambda b: base64.b64encode(b).decode()
grid = torch.arange(2 * 3 * 2 * 3).reshape(2, 3, 2, 3)
calls = {
    "scalar": lambda w: w.add_scalar("loss", 0.1, 3, walltime=1.5),
    "scalar 0": lambda w: w.add_scalar("loss", 0.0, 0, walltime=1.5),
    "negative step": lambda w: w.add_scalar("loss", -2, -1, walltime=1.5),
    "large step": lambda w: w.add_scalar("loss", float("inf"), 2**40, walltime=1.5),
    "new style": lambda w: w.add_scalar("é", 0.1, 3, walltime=1.5, new_style=True),
    "double": lambda w: w.add_scalar("loss", 0.1, 3, walltime=1.5, new_style=True, double_precision=True),
    "text": lambda w: w.add_text("notes", "a *é* 日本", 2, walltime=1.5),
    "empty text": lambda w: w.add_text("notes", "", 2, walltime=1.5),
    "histogram": lambda w: w.add_histogram("w", torch.tensor([-1.5, 0, 0.25, 0.25, 3]), 1, walltime=1.5),
    "histogram of ints": lambda w: w.add_histogram("w", torch.arange(20), 1, walltime=1.5),
    "histogram of 0": lambda w: w.add_histogram("w", torch.zeros(3), 1, walltime=1.5),
    "histogram of 4 bins": lambda w: w.add_histogram("w", torch.tensor([0.0, 1, 2, 2, 3, 4]), 1, walltime=1.5, bins=4),
    "histogram of 3 bins of one value": lambda w: w.add_histogram("w", torch.tensor([2.0, 2.0]), 1, walltime=1.5, bins=3),
    "histogram with edges": lambda w: w.add_histogram("w", torch.tensor([-9.0, 0.0, 0.5, 1.0, 2.0, 9.0]), 1, walltime=1.5, bins=[0, 0.5, 0.75, 1, 2]),
    "image": lambda w: w.add_image("i", grid[0].to(torch.uint8) * 10, 1, walltime=1.5),
    "image of floats": lambda w: w.add_image("i", torch.linspace(-0.25, 1.25, 18).reshape(3, 2, 3), 1, walltime=1.5),
    "grey image": lambda w: w.add_image("i", torch.tensor([[[0, 0.5, 0.999]]]), 1, walltime=1.5),
    "HW": lambda w: w.add_image("i", torch.tensor([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]), 1, walltime=1.5, dataformats="HW"),
    "HWC with alpha": lambda w: w.add_image("i", torch.arange(24, dtype=torch.uint8).reshape(2, 3, 4), 1, walltime=1.5, dataformats="HWC"),
    "images": lambda w: w.add_images("i", (torch.arange(9 * 3 * 2 * 2) % 256).to(torch.uint8).reshape(9, 3, 2, 2), 1, walltime=1.5),
    "images NHWC": lambda w: w.add_images("i", grid.to(torch.uint8).permute(0, 2, 3, 1), 1, walltime=1.5, dataformats="NHWC"),
    "hparams": lambda w: w.add_hparams({"lr": 0.1}, {"hparam/loss": 0.5}, run_name="r", global_step=4),
    "hparams of text": lambda w: w.add_hparams({"name": "adam"}, {"a": 1, "b": 2}, {"name": ["adam", "sgd"]}, run_name="r"),
    "hparams of numbers": lambda w: w.add_hparams({"n": 0.0}, {}, {"n": [0.0, 1.0]}, run_name="r"),
}
records = {}
for name, call in calls.items():
    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as w:
            call(w)
        [path] = glob.glob(folder + ("/r/*" if "hparams" in name else "/events*"))
        events = [Event.FromString(raw) for raw in RawEventFileLoader(path).Load()]
        out = []
        for e in events[1:]:
            if "hparams" in name:
                e.wall_time = 1.5
            record = {"event": text(e.SerializeToString(deterministic=True))}
            for v in e.summary.value:
                if v.HasField("image"):
                    import io
                    image = Image.open(io.BytesIO(v.image.encoded_image_string))
                    record = {"height": v.image.height, "width": v.image.width, "channels": v.image.colorspace, "tag": v.tag,
                              "pixels": text(np.asarray(image).tobytes())}
            out.append(record)
        records[name] = out
print(json.dumps({"_made_by": f"PyTorch {torch.__version__}, tensorboard {tensorboard.__version__}", "calls": records}, indent=1))
