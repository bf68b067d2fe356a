// What zip archives of over 4 GiB or 65,534 members have beside the plain records, and PyTorch's have always.
import { FormatError } from "@flambeau/tensor/functional";
import type { Source } from "../files/source.ts";

export const locator = { signature: 0x07064b50, bytes: 20 } as const;
export const largeEnd = { signature: 0x06064b50, bytes: 56 } as const;
/** The extra field of a member that has its sizes and its place in 64 bits. */
export const extraId = 1;

/** What a record says of the directory, and where that has to end. */
export interface DirectoryPlace {
  readonly count: number;
  readonly bytes: number;
  readonly directory: number;
  readonly endAt: number;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
/** 64 bits; beyond 2^53 it is no number of bytes that a file has, and close to one. */
const wide = (view: DataView, at: number): number => view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true);

/**
 * The place of the directory by the 64-bit records, when they stand before the plain one. Where the plain one says something, both agree.
 *
 * @throws FormatError when one of the records is not sound, or the plain one leaves to them what they do not say.
 */
export async function widePlace(plain: DirectoryPlace, source: Source): Promise<DirectoryPlace> {
  const { file } = source;
  const { endAt } = plain;
  const left = plain.count === 0xffff || plain.bytes === 0xffffffff || plain.directory === 0xffffffff;
  const fail = (at: number, problem: string): never => {
    throw new FormatError(file, at, problem);
  };
  const locatorAt = endAt - locator.bytes;
  const view = locatorAt >= 0 ? viewOf(await source.read(locatorAt, endAt)) : undefined;
  if (view?.getUint32(0, true) !== locator.signature)
    return left ? fail(endAt, "the zip directory is said to be in 64-bit records (zip64), which are not there") : plain;
  const at = wide(view, 8);
  if (view.getUint32(4, true) !== 0 || view.getUint32(16, true) !== 1)
    fail(locatorAt, "archives in several parts are not supported");
  if (at + largeEnd.bytes > locatorAt)
    return fail(locatorAt, "the 64-bit end of the zip directory is not where it should be");
  const end = viewOf(await source.read(at, at + largeEnd.bytes));
  if (end.getUint32(0, true) !== largeEnd.signature || at + 12 + wide(end, 4) !== locatorAt)
    fail(at, "the 64-bit end of the zip directory is corrupt");
  if (wide(end, 16) !== 0 || wide(end, 24) !== wide(end, 32)) fail(at, "archives in several parts are not supported");
  const place = { count: wide(end, 32), bytes: wide(end, 40), directory: wide(end, 48), endAt: at };
  const agree =
    [0xffff, place.count].includes(plain.count) &&
    [0xffffffff, place.bytes].includes(plain.bytes) &&
    [0xffffffff, place.directory].includes(plain.directory);
  return agree ? place : fail(at, "the two ends of the zip directory do not agree");
}

/**
 * Sizes and place of a member, from its 64-bit extra field where the plain ones leave them to it: the field holds those alone, in this order.
 * Undefined when it does not.
 */
export function wideSizes(
  plain: readonly [size: number, packedSize: number, local: number],
  extra: DataView,
): [size: number, packedSize: number, local: number] | undefined {
  if (!plain.includes(0xffffffff)) return [...plain];
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== extraId) continue;
    let next = at + 4;
    const end = Math.min(extra.byteLength, next + extra.getUint16(at + 2, true));
    const take = (value: number): number => {
      if (value !== 0xffffffff) return value;
      next += 8;
      return next <= end ? wide(extra, next - 8) : Number.NaN;
    };
    const found: [number, number, number] = [take(plain[0]), take(plain[1]), take(plain[2])];
    return found.every(Number.isSafeInteger) ? found : undefined;
  }
  return undefined;
}
