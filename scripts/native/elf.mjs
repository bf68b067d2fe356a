// What an addon asks of the system that loads it, read from the file itself (ELF, 64 bits, little-endian), of whatever processor it is for.
import { readFileSync } from "node:fs";

const machines = /** @type {Record<number, string>} */ ({ 62: "x64", 183: "arm64" });
// section types
const strings = 3;
const dynamic = 6;
const dynamicSymbols = 11;
const versionNeeds = 0x6ffffffe;
const neededTag = 1n;

/**
 * @typedef {object} Demands
 * @property {string} cpu what it runs on, by Node's name
 * @property {readonly string[]} libraries which the loader must find
 * @property {readonly string[]} versions of symbols in these libraries, as "GLIBC_2.28"
 * @property {readonly string[]} undefinedSymbols which others define
 * @property {readonly string[]} definedSymbols which others see
 */

/** @param {string} path @returns {Demands} */
export function demandsOf(path) {
  const file = readFileSync(path);
  if (file.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") throw new Error(`${path} is no ELF file of 64 bits`);
  const long = (/** @type {number} */ at) => Number(file.readBigUInt64LE(at));
  const sectionsAt = long(0x28);
  const sectionSize = file.readUInt16LE(0x3a);
  const sections = Array.from({ length: file.readUInt16LE(0x3c) }, (_, i) => {
    const at = sectionsAt + i * sectionSize;
    return {
      type: file.readUInt32LE(at + 4),
      at: long(at + 0x18),
      size: long(at + 0x20),
      link: file.readUInt32LE(at + 0x28),
      info: file.readUInt32LE(at + 0x2c),
    };
  });
  const textAt = (/** @type {number} */ at) => file.toString("latin1", at, file.indexOf(0, at));
  const namesOf = (/** @type {{ link: number }} */ { link }) => {
    const table = sections[link];
    if (table?.type !== strings) throw new Error(`${path}: a section without its names`);
    return (/** @type {number} */ offset) => textAt(table.at + offset);
  };
  const ofType = (/** @type {number} */ type) => sections.filter((section) => section.type === type);

  const libraries = ofType(dynamic).flatMap((section) => {
    const name = namesOf(section);
    const found = [];
    for (let at = section.at; at < section.at + section.size; at += 16)
      if (file.readBigInt64LE(at) === neededTag) found.push(name(long(at + 8)));
    return found;
  });
  const versions = ofType(versionNeeds).flatMap((section) => {
    const name = namesOf(section);
    const found = [];
    for (let file_ = 0, at = section.at; file_ < section.info; file_++) {
      const count = file.readUInt16LE(at + 2);
      for (let i = 0, one = at + file.readUInt32LE(at + 8); i < count; i++) {
        found.push(name(file.readUInt32LE(one + 8)));
        one += file.readUInt32LE(one + 12);
      }
      at += file.readUInt32LE(at + 12);
    }
    return found;
  });
  const symbols = ofType(dynamicSymbols).flatMap((section) => {
    const name = namesOf(section);
    return Array.from({ length: section.size / 24 - 1 }, (_, i) => {
      const at = section.at + (i + 1) * 24; // the first one is none
      return {
        name: name(file.readUInt32LE(at)),
        weak: file[at + 4] >> 4 === 2,
        defined: file.readUInt16LE(at + 6) !== 0,
      };
    });
  });
  return {
    cpu: machines[file.readUInt16LE(0x12)] ?? "another processor",
    libraries,
    versions: [...new Set(versions)].sort(),
    undefinedSymbols: symbols.filter(({ defined, weak }) => !defined && !weak).map(({ name }) => name),
    definedSymbols: symbols.filter(({ defined, name }) => defined && name !== "").map(({ name }) => name), // sections have none
  };
}

/** The libraries of glibc, which every system with it has. */
const system = /^(lib(c|m|pthread|dl)\.so\.\d|ld-linux-[\w-]+\.so\.\d)$/;
/** Whether a version is at most another one: "2.4" and "2.28". @param {string} version @param {string} most */
function atMost(version, most) {
  const [left, right] = [version, most].map((text) => text.split(".").map(Number));
  for (let i = 0; i < left.length; i++) if (left[i] !== (right[i] ?? 0)) return left[i] < (right[i] ?? 0);
  return true;
}

/**
 * What keeps an addon from loading on systems as old as the C library given, in lines; none when nothing does.
 * @param {Demands} demands @param {string} glibc
 */
export function notPortable({ libraries, versions }, glibc) {
  return [
    ...libraries.filter((name) => !system.test(name)).map((name) => `it needs ${name}`),
    ...versions
      .filter((version) => !/^GLIBC_[\d.]+$/.test(version) || !atMost(version.slice("GLIBC_".length), glibc))
      .map((version) => `it needs ${version}, and may need glibc ${glibc} at most`),
  ];
}
