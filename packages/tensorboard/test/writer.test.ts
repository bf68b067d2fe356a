import "./backend.ts";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError, arange, linspace, ones, stack, tensor, zeros } from "@flambeau/tensor";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventFileError, SummaryWriter } from "../src/index.ts";
import { crc32c } from "../src/record.ts";
import figures from "./figures/events.json" with { type: "json" };
import { fields, only, records, unpacked } from "./read.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-events-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** The events of the one file that holds what `call` adds, without the first. */
async function eventsOf(call: (writer: SummaryWriter) => void, below = ""): Promise<Uint8Array[]> {
  const writer = new SummaryWriter("run", { memory: true });
  call(writer);
  const found = [...(await writer.files())].filter(([path]) => path.startsWith(`run/${below}events`));
  await writer.close();
  expect(found).toHaveLength(1);
  return records(found[0][1]).slice(1);
}
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const walltime = 1.5;
const bytes = (shape: number[], scale = 1) =>
  arange(shape.reduce((a, b) => a * b, 1))
    .mul(scale)
    .remainder(256)
    .to({ dtype: "uint8" })
    .reshape(shape);

describe("events have the bytes that PyTorch gives them", () => {
  it.each<[keyof typeof figures.calls, (writer: SummaryWriter) => void]>([
    ["scalar", (w) => w.addScalar("loss", 0.1, 3, { walltime })],
    ["scalar", (w) => w.addScalar("loss", tensor([0.1]), 3, { walltime })],
    ["scalar 0", (w) => w.addScalar("loss", 0, 0, { walltime })],
    ["scalar 0", (w) => w.addScalar("loss", zeros([1, 1], { dtype: "bool" }), undefined, { walltime })],
    ["negative step", (w) => w.addScalar("loss", tensor(-2, { dtype: "int64" }), -1, { walltime })],
    ["negative step", (w) => w.addScalar("loss", tensor(-2, { dtype: "float16" }), -1, { walltime })],
    ["large step", (w) => w.addScalar("loss", Number.POSITIVE_INFINITY, 2 ** 40, { walltime })],
    ["new style", (w) => w.addScalar("é", 0.1, 3, { walltime, newStyle: true })],
    ["double", (w) => w.addScalar("loss", 0.1, 3, { walltime, newStyle: true, doublePrecision: true })],
    ["text", (w) => w.addText("notes", "a *é* 日本", 2, { walltime })],
    ["empty text", (w) => w.addText("notes", "", 2, { walltime })],
    ["histogram", (w) => w.addHistogram("w", tensor([[-1.5, 0, 0.25, 0.25, 3]]), 1, { walltime })],
    ["histogram", (w) => w.addHistogram("w", [-1.5, 0, 0.25, 0.25, 3], 1, { walltime })],
    ["histogram", (w) => w.addHistogram("w", new Float32Array([-1.5, 0, 0.25, 0.25, 3]), 1, { walltime })],
    ["histogram of ints", (w) => w.addHistogram("w", arange(20, { dtype: "int64" }), 1, { walltime })],
    ["histogram of 0", (w) => w.addHistogram("w", zeros([3]), 1, { walltime })],
    ["histogram of 4 bins", (w) => w.addHistogram("w", [0, 1, 2, 2, 3, 4], 1, { walltime, bins: 4 })],
    ["histogram of 3 bins of one value", (w) => w.addHistogram("w", [2, 2], 1, { walltime, bins: 3 })],
    [
      "histogram with edges",
      (w) => w.addHistogram("w", tensor([-9, 0, 0.5, 1, 2, 9]), 1, { walltime, bins: [0, 0.5, 0.75, 1, 2] }),
    ],
  ])("%s", async (name, call) => {
    expect((await eventsOf(call)).map(base64)).toEqual(
      figures.calls[name].map((each) => "event" in each && each.event),
    );
  });

  it.each<[keyof typeof figures.calls, (writer: SummaryWriter) => void]>([
    ["hparams", (w) => w.addHparams({ lr: 0.1 }, { "hparam/loss": 0.5 }, { runName: "r", globalStep: 4 })],
    [
      "hparams of text",
      (w) =>
        w.addHparams(
          { name: "adam", none: null, not: undefined },
          { a: 1, b: tensor(2) },
          { runName: "r", domainDiscrete: { name: ["adam", "sgd"] } },
        ),
    ],
    ["hparams of numbers", (w) => w.addHparams({ n: 0 }, {}, { runName: "r", domainDiscrete: { n: [0, 1] } })],
  ])("%s", async (name, call) => {
    const events = await eventsOf(call, "r/");
    // all but the time
    const timed = events.map((each) => {
      const copy = each.slice();
      copy.set(new Uint8Array(new Float64Array([walltime]).buffer), 1);
      return base64(copy);
    });
    expect(timed).toEqual(figures.calls[name].map((each) => "event" in each && each.event));
  });

  const grid = () => bytes([2, 3, 2, 3]);
  it.each<[keyof typeof figures.calls, (writer: SummaryWriter) => void]>([
    ["image", (w) => w.addImage("i", bytes([3, 2, 3], 10), 1, { walltime })],
    ["image of floats", (w) => w.addImage("i", linspace(-0.25, 1.25, 18).reshape(3, 2, 3), 1, { walltime })],
    ["grey image", (w) => w.addImage("i", tensor([[[0, 0.5, 0.999]]]), 1, { walltime })],
    [
      "HW",
      (w) =>
        w.addImage(
          "i",
          tensor([
            [0.1, 0.2],
            [0.3, 0.4],
            [0.5, 0.6],
          ]),
          1,
          { walltime, dataFormats: "HW" },
        ),
    ],
    ["HWC with alpha", (w) => w.addImage("i", bytes([2, 3, 4]), 1, { walltime, dataFormats: "HWC" })],
    ["images", (w) => w.addImages("i", bytes([9, 3, 2, 2]), 1, { walltime })],
    ["images NHWC", (w) => w.addImages("i", grid().permute(0, 2, 3, 1), 1, { walltime, dataFormats: "NHWC" })],
  ])("%s: the pixels", async (name, call) => {
    const [event] = await eventsOf(call);
    const value = only(event, 5, 1) as Uint8Array;
    const { width, height, type, pixels } = unpacked(only(value, 4, 4) as Uint8Array);
    const [expected] = figures.calls[name];
    expect({
      tag: Buffer.from(only(value, 1) as Uint8Array).toString(),
      height: Number(only(value, 4, 1)),
      width: Number(only(value, 4, 2)),
      channels: Number(only(value, 4, 3)),
      pixels: base64(pixels),
    }).toEqual(expected);
    expect([BigInt(height), BigInt(width), type]).toEqual([
      only(value, 4, 1),
      only(value, 4, 2),
      name.includes("alpha") ? 6 : 2,
    ]);
  });

  it("their checksums are Castagnoli's", () => {
    // RFC 3720, B.4
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  });
});

describe("a writer", () => {
  it("appends to a file, whose name TensorBoard knows", async () => {
    const writer = new SummaryWriter(join(folder, "a", "run"), { filenameSuffix: ".x", maxQueue: 3 });
    const path = async () => join(folder, "a", "run", (await readdir(join(folder, "a", "run")))[0]);
    writer.addScalar("loss", 1, 0);
    writer.addScalar("loss", 2, 1); // the third, with the first of all: they are written without a flush
    await expect.poll(async () => records(await readFile(await path())).length).toBe(3);
    writer.addScalar("loss", 3, 2);
    expect(records(await readFile(await path()))).toHaveLength(3);
    await writer.flush();
    expect(records(await readFile(await path()))).toHaveLength(4);
    writer.addScalar("loss", 4, 3);
    await writer.close();
    const all = records(await readFile(await path()));
    expect(all.slice(1).map((each) => Number(only(each, 2) ?? 0n))).toEqual([0, 1, 2, 3]);
    expect(Buffer.from(only(all[0], 3) as Uint8Array).toString()).toBe("brain.Event:2");
    expect(await path()).toMatch(/events\.out\.tfevents\.\d{10}\.[^/]+\.\d+\.\d+\.x$/);
    expect(() => writer.addScalar("loss", 5)).toThrow("addScalar: the writer is closed");
    await writer.close();
  });

  it("writes after some time, too", async () => {
    const writer = new SummaryWriter(folder, { flushSecs: 0.01 });
    writer.addText("a", "b");
    await expect.poll(async () => (await readdir(folder)).length).toBe(1);
    await writer.close();
  });

  it("keeps the values of the moment of the call, and the order of the calls", async () => {
    const t = tensor([1]);
    const events = await eventsOf((writer) => {
      writer.addScalar("a", t, 0);
      writer.addImage("slow", ones([3, 64, 64]), 1);
      t.mul_(10);
      writer.addScalar("a", t, 2);
    });
    const [first, , last] = events.map((each) => only(each, 5, 1, 2) as Uint8Array | undefined);
    expect(events.map((each) => Number(only(each, 2) ?? 0n))).toEqual([0, 1, 2]);
    const float = (raw: Uint8Array | undefined) => new Float32Array(raw?.slice().buffer ?? new ArrayBuffer(4))[0];
    expect([float(first), float(last)]).toEqual([1, 10]);
  });

  it("puts several scalars into runs of their own, below its folder", async () => {
    const writer = new SummaryWriter("run", { memory: true });
    writer.addScalars("loss/all", { train: 1, "../../test": tensor(2) }, 5);
    writer.addScalars("loss/all", { train: 3, "../../test": tensor(2) }, 6);
    const files = await writer.files();
    const folders = [...files.keys()].map((path) => path.replace(/\/events[^/]*$/, ""));
    expect(folders).toEqual(["run", "run/loss_all_train", "run/loss_all_.._.._test"]);
    const counts = [...files.values()].map((file) => records(file).length);
    expect(counts).toEqual([1, 3, 3]);
    await writer.close();
  });

  it("says where a run begins again", async () => {
    const writer = new SummaryWriter("run", { memory: true, purgeStep: 7 });
    const [[, file]] = await writer.files();
    const [, version, start] = records(file).map(fields);
    expect([version.get(2), start.get(2)]).toEqual([[7n], [7n]]);
    expect([version.has(3), start.get(7)]).toEqual([true, [new Uint8Array([8, 1])]]);
    await writer.close();
  });

  it("has PyTorch's folder, where none is given", async () => {
    const writer = new SummaryWriter(undefined, { comment: "_lr0.1", memory: true });
    expect(writer.logDir).toMatch(/^runs\/[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_.+_lr0\.1$/);
    await writer.close();
  });

  it("tells of what went wrong when it is flushed, and goes on", async () => {
    const writer = new SummaryWriter("run", { memory: true });
    writer.addHistogram("w", []);
    writer.addHistogram("w", [Number.NaN], 1);
    writer.addHistogram("w", [1, Number.POSITIVE_INFINITY], 1, { bins: 3 });
    writer.addScalar("loss", 1);
    await expect(writer.flush()).rejects.toThrow("addHistogram: there are no values");
    await writer.flush();
    expect(records([...(await writer.files()).values()][0])).toHaveLength(2);
    await writer.close();
    const blocked = new SummaryWriter("/dev/null/runs");
    blocked.addScalar("a", 1);
    const error = await blocked.close().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(EventFileError);
    expect(String(error)).toContain("events not written: ");
  });

  it("counts what is finite of values that are not all", async () => {
    const [event] = await eventsOf((w) => w.addHistogram("w", tensor([1, Number.NaN, 1]), 1));
    const histogram = only(event, 5, 1, 5) as Uint8Array;
    const doubles = (field: number) => new Float64Array((only(histogram, field) as Uint8Array).slice().buffer);
    expect([Number.isNaN(doubles(1)[0]), doubles(3)[0], doubles(7).reduce((a, b) => a + b)]).toEqual([true, 3, 2]);
  });

  const wrong = (x: unknown) => x as never; // the types refuse it
  it.each<[string, (w: SummaryWriter) => void, string]>([
    [
      "a value that is none",
      (w) => w.addScalar("a", wrong("x")),
      '"a" must be a number or a tensor of one element, got "x"',
    ],
    ["several elements", (w) => w.addScalar("a", ones([2])), '"a" must have one element, got a tensor of shape [2]'],
    ["a tag that is none", (w) => w.addScalar(wrong(3), 1), "the tag must be text, got 3"],
    ["a step that is none", (w) => w.addScalar("a", 1, 0.5), "the step must be an integer, got 0.5"],
    ["an option that is none", (w) => w.addScalar("a", 1, 0, wrong({ wall: 1 })), 'there is no option "wall"'],
    ["no values", (w) => w.addScalars("a", wrong(3)), "the values are an object of values by name, got 3"],
    ["one of values that is none", (w) => w.addScalars("a", { b: 1, c: wrong("x") }), '"c" must be a number'],
    ["a histogram of text", (w) => w.addHistogram("a", wrong("abc")), "the values are a tensor or a list of numbers"],
    ["a histogram of texts", (w) => w.addHistogram("a", wrong(["abc"])), 'the values are numbers, got "abc"'],
    [
      "bins that fall",
      (w) => w.addHistogram("a", [1], 0, { bins: [2, 1] }),
      "bins are a positive number of them, or rising edges",
    ],
    ["no bins", (w) => w.addHistogram("a", [1], 0, { bins: 0 }), "bins are a positive number of them, or rising edges"],
    ["no image", (w) => w.addImage("a", wrong([1])), "the image is a tensor, got [1]"],
    [
      "an image of 2 channels",
      (w) => w.addImage("a", ones([2, 3, 3])),
      "has 2 channels in the format CHW, expected 1, 3 or 4",
    ],
    ["an image in a row", (w) => w.addImage("a", ones([3])), "a tensor of shape [3] does not fit the format CHW"],
    ["an image of nothing", (w) => w.addImage("a", ones([3, 0, 2])), "has no pixels"],
    ["text that is none", (w) => w.addText("a", wrong(1)), "the text is a string, got 1"],
    [
      "hyperparameters that are none",
      (w) => w.addHparams({ a: wrong([]) }, {}),
      '"a" must be a number, a string or a boolean',
    ],
    [
      "a domain of other values",
      (w) => w.addHparams({ a: 1 }, {}, { domainDiscrete: { a: ["x"] } }),
      "domainDiscrete.a must be a list of values like that",
    ],
    [
      "a domain of nothing",
      (w) => w.addHparams({ a: 1 }, {}, { domainDiscrete: { b: [1] } }),
      "domainDiscrete.b must be",
    ],
  ])("refuses %s at once, and writes nothing of it", async (_, call, message) => {
    const writer = new SummaryWriter("run", { memory: true });
    expect(() => call(writer)).toThrow(ArgumentError);
    expect(() => call(writer)).toThrow(message);
    expect([...(await writer.files()).values()].map((file) => records(file).length)).toEqual([1]);
    await writer.close();
  });

  it("refuses tensors that are gone, at once", async () => {
    const writer = new SummaryWriter("run", { memory: true });
    const [one, image] = [ones([1]), ones([3, 2, 2])];
    for (const t of [one, image]) t.dispose();
    expect(() => writer.addScalar("a", one)).toThrow("disposed");
    expect(() => writer.addHistogram("a", one)).toThrow("disposed");
    expect(() => writer.addImage("a", image)).toThrow("disposed");
    await writer.close();
  });

  it("refuses other settings", async () => {
    expect(() => new SummaryWriter(wrong(3))).toThrow("logDir must be a folder's path, got 3");
    expect(() => new SummaryWriter("a", { maxQueue: 0, memory: true })).toThrow("maxQueue must be a positive integer");
    expect(() => new SummaryWriter("a", { flushSecs: -1, memory: true })).toThrow("flushSecs must not be negative");
    expect(() => new SummaryWriter("a", { purgeStep: 0.5, memory: true })).toThrow("the step must be an integer");
    const writer = new SummaryWriter(folder);
    await expect(writer.files()).rejects.toThrow("files: they are on disk");
    await writer.close();
  });
});

// the figures above need no Python; where it is there with tensorboard, its own reader has the last word
const python = [process.env.FLAMBEAU_PYTHON ?? "python3"].find(
  (each) => spawnSync(each, ["-c", "import tensorboard"]).status === 0,
);
it.skipIf(python === undefined)("TensorBoard's own reader reads all of it", async () => {
  await using writer = new SummaryWriter(folder);
  for (let step = 0; step < 3; step++) writer.addScalar("loss", tensor(1 / (step + 1)), step);
  writer.addScalar("new", 0.5, 1, { newStyle: true });
  writer.addHistogram("weights", linspace(-1, 1, 101), 2);
  writer.addImage("picture", stack([ones([4, 6]), zeros([4, 6]), ones([4, 6])]), 3);
  writer.addText("notes", "a *text*");
  writer.addHparams({ lr: 0.1, name: "adam", nesterov: true }, { "hparam/loss": 0.25 }, { runName: "h" });
  await writer.close();
  const script = `
import json, sys, io
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
full = {"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}
a = EventAccumulator(sys.argv[1], full); a.Reload()
h = EventAccumulator(sys.argv[1] + "/h", full); h.Reload()
i = a.Images("picture")[0]
data = h.summary_metadata
info = lambda tag: plugin_data_pb2.HParamsPluginData.FromString(data[tag].plugin_data.content)
start = info("_hparams_/session_start_info").session_start_info.hparams
hist = a.Histograms("weights")[0].histogram_value
print(json.dumps({
  "scalars": [[e.step, e.value] for e in a.Scalars("loss")],
  "new": [e.tensor_proto.float_val[0] for e in a.Tensors("new")],
  "histogram": [hist.min, hist.max, hist.num, sum(hist.bucket)],
  "image": [i.width, i.height, Image.open(io.BytesIO(i.encoded_image_string)).getpixel((5, 3))],
  "text": a.Tensors("notes/text_summary")[0].tensor_proto.string_val[0].decode(),
  "hparams": [start["lr"].number_value, start["name"].string_value, start["nesterov"].bool_value],
  "metrics": [m.name.tag for m in info("_hparams_/experiment").experiment.metric_infos],
  "status": info("_hparams_/session_end_info").session_end_info.status,
  "metric": [e.value for e in h.Scalars("hparam/loss")],
}))`;
  const out = execFileSync(python as string, ["-c", script, folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  expect(JSON.parse(out)).toEqual({
    scalars: [
      [0, 1],
      [1, 0.5],
      [2, Math.fround(1 / 3)],
    ],
    new: [0.5],
    histogram: [-1, 1, 101, 101],
    image: [6, 4, [255, 0, 255]],
    text: "a *text*",
    hparams: [0.1, "adam", true],
    metrics: ["hparam/loss"],
    status: 1,
    metric: [0.25],
  });
});
