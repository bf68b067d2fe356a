// Where a browser and a software graphics adapter are, for the tests that need them.
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { missingCompilers } from "./compiler.mjs";
import { quietly } from "./exec.mjs";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const elsewhere = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The Chromium to drive: `CHROMIUM_PATH`, or the first of the usual names that is there; undefined when there is none. */
export function chromium() {
  const { CHROMIUM_PATH: named, PATH: path = "" } = process.env;
  if (named) return existsSync(named) ? named : undefined;
  const folders = path.split(delimiter);
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...elsewhere].find(existsSync);
}

/**
 * How tests start it: WebGPU on the software adapter, the same on every machine; no sandbox, which needs rights that root in a
 * container does not have and that pages of our own do not call for; and nothing that talks to the network.
 */
export const chromiumFlags = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What one must do to have one, in a line. */
export const chromiumMissing =
  "Chromium is missing, so the browser tests skip: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH";

/** Chromium's software Vulkan driver, on which Node's WebGPU runs through libvulkan. */
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";
const vulkan = ["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu/libvulkan.so.1`);

/** A graphics card as Linux shows it to programs. */
const graphicsCard = () => existsSync("/dev/dri") && readdirSync("/dev/dri").some((name) => name.startsWith("render"));

/**
 * What to add to the environment so that Node's WebGPU finds the software adapter. A choice that is already made stands.
 * @param {boolean} always also where there is a graphics card: tests ask for the same adapter on every machine
 * @returns {Record<string, string>}
 */
export function softwareAdapter(always) {
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES } = process.env;
  if (VK_ICD_FILENAMES || VK_DRIVER_FILES || !existsSync(softwareDriver) || (!always && graphicsCard())) return {};
  return { VK_ICD_FILENAMES: softwareDriver };
}

/** The Debian packages that tests want and that are not there. */
export function missingPackages() {
  if (process.platform !== "linux") return [];
  return [
    ...(chromium() ? [] : ["chromium"]),
    ...(vulkan.some(existsSync) ? [] : ["libvulkan1"]),
    ...missingCompilers(),
  ];
}

/** Whether this process may install Debian packages. */
export const canInstall = () => process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");

/** @param {readonly string[]} packages */
export async function installPackages(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // without a network it gives up after seconds, not minutes
  const patience = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=15", "-o", "Acquire::https::Timeout=15"];
  const apt = (/** @type {string[]} */ ...args) =>
    quietly(`apt-get ${args[0]}`, "apt-get", ["-qq", ...patience, ...args], { env, timeout: 300_000 });
  await apt("update");
  await apt("install", "-y", "--no-install-recommends", ...packages);
}
