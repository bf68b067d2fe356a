import type { DeviceMemory } from "flambeau";
import type { DeviceName } from "../training/protocol.ts";

const MiB = 2 ** 20;
const mebibytes = (bytes: number): string => (bytes / MiB).toFixed(bytes < 10 * MiB ? 2 : 0);

/** What devices are called on the page. */
export const deviceTitles: Readonly<Record<DeviceName, string>> = { cpu: "WebAssembly", webgpu: "WebGPU" };

/** The page's table of numbers. */
export class Figures {
  readonly #at: (id: string) => HTMLElement;
  readonly #rows: HTMLElement;

  /** @param at finds an element by its id @param rows the body of the memory table */
  constructor(at: (id: string) => HTMLElement, rows: HTMLElement) {
    this.#at = at;
    this.#rows = rows;
  }

  set(id: string, text: string): void {
    this.#at(id).textContent = text;
  }

  clear(): void {
    for (const id of ["epoch", "step", "loss", "measure", "speed"]) this.set(id, "–");
    this.#rows.replaceChildren();
  }

  /** One line per device that holds something. */
  setMemory(devices: Readonly<Record<string, DeviceMemory>>): void {
    const rows = Object.entries(devices).map(([device, { tensors, bytes, peakBytes, reservedBytes }]) => {
      const row = document.createElement("tr");
      const name = document.createElement("th");
      name.scope = "row";
      name.textContent = device in deviceTitles ? deviceTitles[device as DeviceName] : device; // by the check before
      row.append(name);
      for (const text of [String(tensors), mebibytes(bytes), mebibytes(peakBytes), mebibytes(reservedBytes)]) {
        row.insertCell().textContent = text;
      }
      return row;
    });
    this.#rows.replaceChildren(...rows);
  }
}
