// TensorBoard's messages. The numbers of fields are those of its .proto files: event, summary, histogram, tensor, tensor_shape, and the
// hparams plugin's api and plugin_data.
import type { Histogram } from "./histogram.ts";
import { Message } from "./wire.ts";

/** Seconds since 1970, and what an event is about. */
export const event = (seconds: number, step: number | bigint, fill: (message: Message) => Message): Uint8Array =>
  fill(new Message().double(1, seconds).varint(2, step)).finish();

/** What stands first in every file. */
export const fileVersion = (message: Message): Message => message.text(3, "brain.Event:2");
/** Who writes it. */
export const writtenBy = (message: Message): Message =>
  message.bytes(10, new Message().text(1, "@flambeau/tensorboard"));
/** A run begins again: what other files have from this step on does not count. */
export const sessionStart = (message: Message): Message => message.bytes(7, new Message().varint(1, 1));

export const summary =
  (value: Message) =>
  (message: Message): Message =>
    message.bytes(5, new Message().bytes(1, value));

const plugin = (name: string, content?: Message): Message => {
  const data = new Message().text(1, name);
  const bytes = content?.finish();
  if (bytes && bytes.length > 0) data.bytes(2, bytes);
  return new Message().bytes(1, data);
};

export const scalar = (tag: string, value: number): Message => new Message().text(1, tag).float(2, value, true);

/** A scalar as newer plugins read it: as a tensor of one number. */
export function scalarTensor(tag: string, value: number, double: boolean): Message {
  const tensor = double
    ? new Message().varint(1, dataType.double).doubles(6, [value])
    : new Message().varint(1, dataType.float).bytes(5, new Uint8Array(new Float32Array([value]).buffer));
  return new Message().text(1, tag).bytes(8, tensor).bytes(9, plugin("scalars"));
}
const dataType = { float: 1, double: 2, string: 7 } as const;

export const histogram = (tag: string, h: Histogram): Message =>
  new Message()
    .text(1, tag)
    .bytes(
      5,
      new Message()
        .double(1, h.min)
        .double(2, h.max)
        .double(3, h.num)
        .double(4, h.sum)
        .double(5, h.sumSquares)
        .doubles(6, h.limits)
        .doubles(7, h.counts),
    );

export const image = (tag: string, height: number, width: number, channels: number, png: Uint8Array): Message =>
  new Message()
    .text(1, tag)
    .bytes(4, new Message().varint(1, height).varint(2, width).varint(3, channels).bytes(4, png));

export function text(tag: string, value: string): Message {
  const shape = new Message().bytes(2, new Message().varint(1, 1));
  const tensor = new Message().varint(1, dataType.string).bytes(2, shape).bytes(8, new TextEncoder().encode(value));
  return new Message().text(1, `${tag}/text_summary`).bytes(8, tensor).bytes(9, plugin("text"));
}

/** A hyperparameter's value. */
export type Hparam = number | string | boolean;

/** google.protobuf.Value, whose fields say what it is even where they are 0. */
function structValue(value: Hparam): Message {
  if (typeof value === "string") return new Message().bytes(3, new TextEncoder().encode(value));
  if (typeof value === "number") return new Message().double(2, value, true);
  return new Message().varint(4, value ? 1 : 0, true);
}
const hparamType = { string: 1, boolean: 2, number: 3 } as const;

const hparamsValue = (tag: string, content: Message): Message =>
  new Message().text(1, tag).bytes(9, plugin("hparams", content));

/** The experiment: which hyperparameters there are, which values they may have, and which metrics. */
export function experiment(
  hparams: readonly (readonly [name: string, value: Hparam])[],
  metrics: readonly string[],
  domains: { readonly [name: string]: readonly Hparam[] | undefined },
): Message {
  const whole = new Message();
  for (const [name, value] of hparams) {
    const info = new Message().text(1, name).varint(4, hparamType[typeof value as keyof typeof hparamType]);
    const domain = Object.hasOwn(domains, name) ? domains[name] : undefined;
    if (domain) {
      const list = new Message();
      for (const each of domain) list.bytes(1, structValue(each));
      info.bytes(5, list);
    }
    whole.bytes(4, info);
  }
  for (const tag of metrics) whole.bytes(5, new Message().bytes(1, new Message().text(2, tag)));
  return hparamsValue("_hparams_/experiment", new Message().bytes(2, whole));
}

export function sessionStartInfo(hparams: readonly (readonly [name: string, value: Hparam])[]): Message {
  const whole = new Message();
  for (const [name, value] of hparams)
    whole.bytes(1, new Message().bytes(1, new TextEncoder().encode(name)).bytes(2, structValue(value)));
  return hparamsValue("_hparams_/session_start_info", new Message().bytes(3, whole));
}

/** The session came to a good end. */
export const sessionEndInfo = (): Message =>
  hparamsValue("_hparams_/session_end_info", new Message().bytes(4, new Message().varint(1, 1)));
