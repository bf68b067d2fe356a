import { addon } from "../../src/addon.ts";

/** What a kernel of native/emulation/faults.cc makes of the numbers 0 to 255, which add up to 32640. */
export function faulty(driver: string, kernel: string, blocks = 1): number {
  const device = new (addon().Device)(driver, 0);
  try {
    const module = device.load(`.version 7.7\n.entry ${kernel}(`);
    const input = device.alloc(256 * 8);
    const output = device.alloc(8);
    device.write(input, new Uint8Array(BigInt64Array.from({ length: 256 }, (_, i) => BigInt(i)).buffer));
    const args = new Uint8Array(BigInt64Array.of(0n, BigInt(input), BigInt(output)).buffer);
    device.launch(device.kernel(kernel, module), blocks, 1, 256, args, args.length);
    return Number(new DataView(device.readSync(output, 8).buffer).getBigInt64(0, true));
  } finally {
    device.close();
  }
}
