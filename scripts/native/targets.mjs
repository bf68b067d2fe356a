// What addons are built for: the platforms whose users get them from npm, ready made.

/** @typedef {{ readonly os: "linux", readonly cpu: "x64" | "arm64" }} Target */

/** The name of a platform, as it ends that of its npm package. @param {{ os: string, cpu: string }} target */
export const nameOf = ({ os, cpu }) => `${os}-${cpu}`;

/** @type {readonly Target[]} */
export const targets = [
  { os: "linux", cpu: "x64" },
  { os: "linux", cpu: "arm64" },
];

/** The one that this process runs on, if it is one of them. */
export const here = () => targets.find(({ os, cpu }) => os === process.platform && cpu === process.arch);

/** The oldest C library that a ready made addon may ask for: that of Debian 10, Ubuntu 18.10 and RHEL 8. */
export const oldestGlibc = "2.28";
