# Writes images.json.gz: small PNG and JPEG files and the pixels in them. The PNG files are written here, in every kind that there is, from samples that are
# known; Pillow must read the same. The JPEG files are Pillow's, and so are their pixels.
# With Pillow 12 and numpy: python images.py
import base64
import gzip
import io
import json
import os
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

numbers = np.random.RandomState(0)
adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def packed(row, depth):
    """A row of samples as bytes."""
    if depth == 16:
        return row.astype(">u2").tobytes()
    bits = ((row[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).ravel()
    return np.packbits(bits).tobytes()


def filtered(kind, row, above, step):
    out = bytearray()
    for i, value in enumerate(row):
        a = row[i - step] if i >= step else 0
        b = above[i]
        c = above[i - step] if i >= step else 0
        p = a + b - c
        near = min([(abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c)])[2]
        out.append((value - [0, a, b, (a + b) // 2, near][kind]) & 255)
    return bytes(out)


def png(samples, depth, colour, interlace=False, palette=None, transparent=None, exif=None, parts=1):
    """samples: [height, width, samples of a pixel]"""
    height, width, n = samples.shape
    step = max(1, depth * n // 8)
    raw = b""
    k = 0
    for x, y, dx, dy in adam7 if interlace else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size == 0:
            continue
        above = None
        for row in part:
            line = packed(row.reshape(-1), depth)
            above = above or bytes(len(line))
            raw += bytes([k % 5]) + filtered(k % 5, line, above, step)
            above = line
            k += 1
    data = zlib.compress(raw, 9)
    cuts = [len(data) * i // parts for i in range(parts + 1)]
    chunks = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlace)))]
    if exif:
        chunks.append(chunk(b"eXIf", exif))
    if palette is not None:
        chunks.append(chunk(b"PLTE", palette.astype(np.uint8).tobytes()))
    if transparent is not None:
        chunks.append(chunk(b"tRNS", transparent))
    chunks.append(chunk(b"tEXt", b"Title\0a picture"))
    chunks += [chunk(b"IDAT", data[a:b]) for a, b in zip(cuts, cuts[1:])]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


def exif(orientation, order="<"):
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    entries = struct.pack(order + "HHII", 0x0100, 4, 1, 7) + struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return head + struct.pack(order + "H", 2) + entries + struct.pack(order + "I", 0)


files = []


def add(name, file, pixels, **more):
    """pixels: [height, width, channels]"""
    planes = np.ascontiguousarray(np.moveaxis(pixels, -1, 0))
    dtype = "int32" if planes.dtype == np.uint16 else "uint8"
    data = planes.astype(np.int32 if dtype == "int32" else np.uint8).tobytes()
    held = {"dtype": dtype, "shape": list(planes.shape), "data": base64.b64encode(data).decode()}
    files.append({"name": name, "file": base64.b64encode(file).decode(), "pixels": held, **more})


def pillow(file, mode):
    y = np.asarray(Image.open(io.BytesIO(file)).convert(mode))
    return y if y.ndim == 3 else y[:, :, None]


modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def check(name, file, pixels):
    if pixels.dtype == np.uint16:
        if pixels.shape[2] == 1:
            assert (np.asarray(Image.open(io.BytesIO(file))) == pixels[:, :, 0]).all(), name
        return
    assert (pillow(file, modes[pixels.shape[2]]) == pixels).all(), name


for height, width in [(13, 11), (1, 1), (3, 17)]:
    for interlace in [False, True]:
        for colour, n, depths in [(0, 1, [1, 2, 4, 8, 16]), (2, 3, [8, 16]), (4, 2, [8, 16]), (6, 4, [8, 16]), (3, 1, [1, 2, 4, 8])]:
            for depth in depths:
                samples = numbers.randint(0, 2**depth, (height, width, n))
                kind = f"{height}x{width}, colour type {colour}, {depth} bits{', interlaced' * interlace}"
                if colour == 3:
                    palette = numbers.randint(0, 256, (2**depth, 3))
                    file = png(samples, depth, 3, interlace, palette, parts=2)
                    pixels = palette[samples[:, :, 0]].astype(np.uint8)
                    check(kind, file, pixels)
                    add(kind, file, pixels)
                    alphas = numbers.randint(0, 256, 2**depth // 2)
                    file = png(samples, depth, 3, interlace, palette, alphas.astype(np.uint8).tobytes())
                    every = np.concatenate([alphas, np.full(2**depth - len(alphas), 255)])
                    pixels = np.concatenate([pixels, every[samples].astype(np.uint8)], 2)
                    check(kind, file, pixels)
                    add(kind + ", with alpha", file, pixels)
                    continue
                scale = 255 // (2**depth - 1) if depth < 8 else 1
                pixels = (samples * scale).astype(np.uint16 if depth == 16 else np.uint8)
                file = png(samples, depth, colour, interlace)
                check(kind, file, pixels)
                add(kind, file, pixels)
                if n % 2 == 1:
                    key = samples[0, 0]
                    file = png(samples, depth, colour, interlace, transparent=struct.pack(f">{n}H", *key))
                    white = 65535 if depth == 16 else 255
                    alpha = np.where((samples == key).all(2, keepdims=True), 0, white).astype(pixels.dtype)
                    add(kind + ", with a transparent colour", file, np.concatenate([pixels, alpha], 2))

source = numbers.randint(0, 256, (6, 5, 3)).astype(np.uint8)
for orientation in range(1, 9):
    file = png(source, 8, 2, exif=exif(orientation, "<>"[orientation % 2]))
    image = Image.open(io.BytesIO(file))
    add(f"orientation {orientation}", file, np.asarray(ImageOps.exif_transpose(image)), options={"applyExifOrientation": True})
rgb = png(source, 8, 2)
add("as grey", rgb, pillow(rgb, "L"), options={"mode": "gray"})
add("with alpha", rgb, pillow(rgb, "RGBA"), options={"mode": "rgba"})
grey = png(source[:, :, :1], 8, 0)
add("as colours", grey, pillow(grey, "RGB"), options={"mode": "rgb"})

y, x = np.mgrid[0:37, 0:45]
slopes = np.stack([x * 5, y * 6, 255 - x * 3 - y * 2], 2)
picture = np.clip(slopes + 60 * ((x - 20) ** 2 + (y - 18) ** 2 < 120)[:, :, None] * [1, -1, 0.5] + 4 * numbers.randn(37, 45, 3), 0, 255).astype(np.uint8)
jpegs = []
for mode, options in [
    ("RGB", {"quality": 90, "subsampling": 0}),
    ("RGB", {"quality": 60, "subsampling": 0, "progressive": True}),
    ("RGB", {"quality": 85, "subsampling": 1}),
    ("RGB", {"quality": 85, "subsampling": 2}),
    ("RGB", {"quality": 85, "subsampling": 2, "progressive": True, "restart_marker_blocks": 2}),
    ("L", {"quality": 80}),
    ("L", {"quality": 80, "progressive": True}),
    ("RGB", {"quality": 90, "subsampling": 0, "exif": b"Exif\0\0" + exif(6)}),
    ("CMYK", {"quality": 90, "subsampling": 0}),
]:
    out = io.BytesIO()
    Image.fromarray(picture).convert(mode).save(out, "JPEG", **options)
    file = out.getvalue()
    turn = "exif" in options
    image = Image.open(io.BytesIO(file))
    pixels = np.asarray(ImageOps.exif_transpose(image) if turn else image.convert("L" if mode == "L" else "RGB"))
    shown = {k: v for k, v in options.items() if k != "exif"}
    add(f"{mode} {json.dumps(shown)}{' turned' * turn}", file, pixels if pixels.ndim == 3 else pixels[:, :, None], options={"applyExifOrientation": turn}, subsampling=options.get("subsampling", 0))

text = json.dumps(files, separators=(",", ":")).encode()
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "images.json.gz"), "wb") as file:
    file.write(gzip.compress(text, 9, mtime=0))
print(len(files), "files,", len(text), "bytes")
