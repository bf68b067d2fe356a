# Writes transforms.json.gz: what torchvision's transforms make of small images, for the tests of the functions and classes of the same names.
# With torchvision 0.28 and torch 2.13: python transforms.py
import base64
import gzip
import json
import os
from importlib.metadata import version

import numpy as np
import torch

# torchvision's compiled ops are not needed here: where they cannot be loaded, their names are
try:
    import torchvision  # noqa: F401
except Exception:
    names = torch.library.Library("torchvision", "DEF")
    names.define("nms(Tensor a, Tensor b, float c) -> Tensor")
    names.define("qnms(Tensor a, Tensor b, float c) -> Tensor")
    names.define("roi_align(Tensor a, Tensor b, float c, int d, int e, int f, bool g) -> Tensor")
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

torch.set_num_threads(1)
numbers = np.random.RandomState(0)


def smooth(channels, height, width, noise):
    """A picture: a slope in each channel, a bright disc, and noise."""
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for c in range(channels):
        slope = (x * (c + 1) + y * (3 - c)) / (width + 2 * height)
        disc = ((x - width * 0.6) ** 2 + (y - height * 0.4) ** 2) < (height / 3) ** 2
        planes.append(0.15 + 0.5 * slope + 0.3 * disc * (c != 1))
    picture = np.stack(planes) + noise * numbers.randn(channels, height, width)
    return np.clip(picture, 0, 1)


def tensor(array, dtype):
    if dtype == torch.uint8:
        return torch.tensor((array * 255).round().astype(np.uint8))
    return torch.tensor(array).to(dtype)


images = {
    "rgb8": tensor(smooth(3, 17, 14, 0.05), torch.uint8),
    "grey8": tensor(smooth(1, 14, 19, 0.05), torch.uint8),
    "rgb": tensor(smooth(3, 9, 12, 0.05), torch.float32),
    "square": tensor(smooth(3, 16, 16, 0.05), torch.uint8),
    "batch8": torch.stack([tensor(smooth(3, 9, 11, 0.1), torch.uint8) for _ in range(2)]),
    "batch": torch.stack([torch.stack([tensor(smooth(3, 5, 6, 0.1), torch.float32) for _ in range(2)]) for _ in range(2)]),
    "double": tensor(smooth(3, 9, 10, 0.05), torch.float64),
    "short": (torch.tensor(smooth(3, 8, 9, 0.05)) * 32767).to(torch.int16),
    "plain": torch.full((3, 6, 7), 90, dtype=torch.uint8),
}


def held(x):
    return {
        "dtype": str(x.dtype).split(".")[1],
        "shape": list(x.shape),
        "data": base64.b64encode(x.contiguous().numpy().tobytes()).decode(),
    }


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def python(value):
    dtypes = {"float32": torch.float32, "float64": torch.float64, "uint8": torch.uint8, "int16": torch.int16, "int32": torch.int32, "int64": torch.int64, "float16": torch.float16}
    return dtypes.get(value, value) if isinstance(value, str) else value


def keywords(options):
    return {snake(k): python(v) for k, v in options.items()}


def outs(y):
    return [held(each) for each in (y if isinstance(y, (list, tuple)) else [y])]


functions = []


def call(name, image, *args, **options):
    given = [python(a) for a in args]
    if name == "erase":
        given[4] = torch.tensor(given[4], dtype=torch.float32).reshape(-1, 1, 1) if isinstance(given[4], list) else torch.tensor(float(given[4]))
    x = images[image].clone()
    y = getattr(F, snake(name))(x, *given, **keywords(options))
    functions.append({"name": name, "image": image, "args": list(args), "options": options, "out": outs(y)})


every = ["rgb8", "grey8", "rgb", "batch8", "batch", "short"]
for image in every:
    for interpolation in ["nearest", "nearest-exact", "bilinear", "bicubic"]:
        for size in [[7, 5], [30, 23], 6]:
            call("resize", image, size, interpolation=interpolation)
            if interpolation in ["bilinear", "bicubic"]:
                call("resize", image, size, interpolation=interpolation, antialias=False)
    call("resize", image, None, maxSize=10)
    call("resize", image, 7, maxSize=8)
    call("resizedCrop", image, 2, 1, 5, 6, [9, 4])
    call("resizedCrop", image, -2, 3, 7, 9, 5, interpolation="nearest")
    call("crop", image, 1, 2, 5, 4)
    call("crop", image, -2, -3, 30, 25)
    call("crop", image, 4, 5, 30, 3)
    call("crop", image, 40, 1, 3, 4)
    for size in [[6, 5], [5], [7, 30], [31, 6], [25, 24]]:
        call("centerCrop", image, size)
    call("pad", image, 2)
    call("pad", image, [1, 2], fill=0.5)
    call("pad", image, [1, 2, 3, 0], fill=7)
    call("pad", image, [-1, 2, 3, -2])
    for mode in ["edge", "reflect", "symmetric"]:
        call("pad", image, [1, 2, 3, 4], paddingMode=mode)
    call("horizontalFlip", image)
    call("verticalFlip", image)
    call("fiveCrop", image, [4, 5])
    call("tenCrop", image, [4, 5])
    call("tenCrop", image, [4, 5], verticalFlip=True)
    for interpolation in ["nearest", "bilinear"]:
        for angle in [0, 17, 90, 123.4, -45, 180, 270, 400]:
            call("rotate", image, angle, interpolation=interpolation)
        call("rotate", image, 30, interpolation=interpolation, expand=True)
        call("rotate", image, 90, interpolation=interpolation, expand=True)
        call("rotate", image, 90, interpolation=interpolation, center=[3, 4])
        call("rotate", image, 210, interpolation=interpolation, expand=True, fill=0.25)
        call("affine", image, 20, [1, 2], 1.2, [5, -8], interpolation=interpolation)
        call("affine", image, -70, [0, -2], 0.6, [0, 0], interpolation=interpolation, fill=3)
        call("affine", image, 10, [0, 0], 1.0, [12], interpolation=interpolation, center=[2.5, 6])
        call("affine", image, 0, [0, 0], 1.0, [0, 0], interpolation=interpolation)
        corners = [[0, 0], [8, 0], [8, 7], [0, 7]]
        call("perspective", image, corners, [[1, 1], [7, 0], [8, 6], [2, 5]], interpolation=interpolation)
        call("perspective", image, corners, [[0, 2], [8, 1], [7, 7], [1, 6]], interpolation=interpolation, fill=0.75)
    for n in [1, 3]:
        call("rgbToGrayscale", image, numOutputChannels=n)
    call("grayscaleToRgb", image)
    for factor in [0, 0.3, 1, 1.7]:
        call("adjustBrightness", image, factor)
        call("adjustContrast", image, factor)
        call("adjustSaturation", image, factor)
        call("adjustSharpness", image, factor)
    for factor in [-0.5, -0.13, 0, 0.2, 0.5]:
        call("adjustHue", image, factor)
    call("adjustGamma", image, 0.6)
    call("adjustGamma", image, 2.2, gain=1.3)
    call("invert", image)
    for bits in [0, 1, 3, 8]:
        call("posterize", image, bits)
    for threshold in [0, 0.4, 1]:
        call("solarize", image, threshold)
    call("autocontrast", image)
    call("equalize", image)
    call("gaussianBlur", image, 3)
    call("gaussianBlur", image, [5, 3], sigma=[1.5, 0.7])
    call("gaussianBlur", image, [1, 5], sigma=2)
    call("erase", image, 1, 2, 3, 4, 0.5)
    for dtype in ["float32", "float64", "uint8", "int16", "float16"]:
        for scale in [False, True]:
            call("toDtype", image, dtype, scale=scale)
for image in ["rgb8", "square", "plain"]:
    call("equalize", image)
    call("autocontrast", image)
    call("solarize", image, 128)
    call("pad", image, [1, 2], fill=[1, 2, 250])
    call("erase", image, 1, 2, 3, 4, [5, 6, 7])
    call("permuteChannels", image, [2, 0, 1])
    call("rotate", image, 33, fill=[9, 8, 7])
    call("rotate", image, 33, fill=[9, 8, 7], interpolation="bilinear")
    call("toDtype", image, "int32", scale=True)
for image in ["rgb", "batch", "double"]:
    call("normalize", image, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    call("normalize", image, [0.5], [0.5])
for angle in [45, 90, 270]:
    call("rotate", "square", angle)
call("resize", "double", [5, 21], interpolation="bicubic")
call("gaussianBlur", "double", 5)
call("rotate", "double", 25, interpolation="bilinear")
call("adjustHue", "double", 0.3)

transforms = []


def make(name, args, options):
    if name in ["Compose", "RandomApply", "RandomChoice", "RandomOrder"]:
        return getattr(v2, name)([make(*each) for each in args[0]], **keywords(options))
    return getattr(v2, name)(*[python(a) for a in args], **keywords(options))


def transform(name, images_, *args, seeds=4, **options):
    t = make(name, args, options)
    for image in images_:
        for seed in range(seeds):
            torch.manual_seed(seed)
            y = t(images[image].clone())
            # the draw behind tells how many there were
            transforms.append(
                {"name": name, "image": image, "args": list(args), "options": options, "seed": seed, "out": outs(y), "next": float(torch.rand(1))}
            )


some = ["rgb8", "rgb"]
transform("RandomCrop", some, [6, 7])
transform("RandomCrop", some, 9, padding=2, fill=4)
transform("RandomCrop", some, [25, 8], padIfNeeded=True, paddingMode="edge")
transform("RandomCrop", some, [13, 14], padding=[1, 2, 3, 4], paddingMode="reflect")
transform("RandomResizedCrop", some, 8)
transform("RandomResizedCrop", some, [6, 9], scale=[0.5, 0.9], ratio=[0.2, 3], interpolation="nearest")
transform("RandomResizedCrop", some, [6, 9], scale=[1, 1], ratio=[4, 5])
for name in ["RandomHorizontalFlip", "RandomVerticalFlip", "RandomInvert", "RandomEqualize", "RandomAutocontrast"]:
    transform(name, some)
    transform(name, ["rgb8"], p=1, seeds=1)
transform("RandomRotation", some, 30)
transform("RandomRotation", some, [10, 80], expand=True, fill=9, interpolation="bilinear")
transform("RandomAffine", some, 25, translate=[0.2, 0.3], scale=[0.7, 1.3], shear=10)
transform("RandomAffine", some, [5, 20], shear=[1, 5, -9, 9], interpolation="bilinear", fill=3)
transform("RandomPerspective", some, p=0.8)
transform("RandomPerspective", some, distortionScale=0.3, interpolation="nearest", fill=5)
transform("ColorJitter", some, brightness=0.4, contrast=0.4, saturation=0.4, hue=0.2)
transform("ColorJitter", some, brightness=[0.5, 0.6], hue=[-0.1, 0.3])
transform("ColorJitter", some, contrast=2)
transform("RandomGrayscale", some, p=0.5)
transform("GaussianBlur", some, 3)
transform("GaussianBlur", some, [3, 5], sigma=[0.5, 1.5])
transform("RandomErasing", some, p=0.9)
transform("RandomErasing", some, scale=[0.1, 0.2], ratio=[1, 2], value=0.5)
transform("RandomErasing", ["rgb"], p=1, value="random")
transform("RandomErasing", some, p=1, value=[1, 2, 3])
transform("RandomErasing", some, p=1, scale=[0.95, 1], ratio=[9, 10])
transform("RandomPosterize", some, 2)
transform("RandomSolarize", some, 0.4)
transform("RandomAdjustSharpness", some, 1.7)
transform("RandomChannelPermutation", some)
transform("RandomPhotometricDistort", some)
transform("RandomZoomOut", some, fill=3, sideRange=[1, 2])
transform("GaussianNoise", some, mean=0.1, sigma=0.2, seeds=2)
transform("GaussianNoise", some, clip=False, seeds=2)
flip, rotate, jitter = ["RandomHorizontalFlip", [], {}], ["RandomRotation", [20], {}], ["ColorJitter", [], {"brightness": 0.3}]
transform("Compose", some, [flip, rotate, jitter])
transform("RandomApply", some, [flip, rotate], p=0.6)
transform("RandomChoice", some, [flip, rotate, jitter])
transform("RandomChoice", some, [flip, rotate, jitter], p=[3, 1, 2])
transform("RandomOrder", some, [flip, rotate, jitter])
for name, args, options in [
    ["Resize", [7], {}],
    ["Resize", [[5, 8]], {"interpolation": "bicubic"}],
    ["CenterCrop", [6], {}],
    ["Pad", [[1, 2]], {"fill": 3}],
    ["Grayscale", [], {"numOutputChannels": 3}],
    ["RGB", [], {}],
    ["ToDtype", ["float32"], {"scale": True}],
    ["ConvertImageDtype", ["float32"], {}],
    ["FiveCrop", [5], {}],
    ["TenCrop", [[5, 4]], {"verticalFlip": True}],
]:
    transform(name, some, *args, seeds=1, **options)
transform("Normalize", ["rgb"], [0.4, 0.5, 0.6], [0.2, 0.3, 0.4], seeds=1)

mixes = []
for name in ["MixUp", "CutMix"]:
    for alpha in [1, 0.2, 3]:
        for seed in range(5):
            torch.manual_seed(seed)
            x = images["batch"].reshape(4, 3, 5, 6)
            labels = torch.tensor([0, 2, 1, 2])
            y, t = getattr(v2, name)(alpha=float(alpha), num_classes=3)(x, labels)
            mixes.append({"name": name, "alpha": alpha, "seed": seed, "out": outs([y, t]), "next": float(torch.rand(1))})

record = {
    "by": f"torch {torch.__version__.split('+')[0]}, torchvision {version('torchvision').split('+')[0]}",
    "images": {name: held(x) for name, x in images.items()},
    "functions": functions,
    "transforms": transforms,
    "mixes": mixes,
}
text = json.dumps(record, separators=(",", ":")).encode()
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "transforms.json.gz"), "wb") as file:
    file.write(gzip.compress(text, 9, mtime=0))
print(len(functions), "calls,", len(transforms), "transforms,", len(mixes), "mixes,", len(text), "bytes")
