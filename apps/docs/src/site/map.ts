// What the site holds and in which order: pages of the repository, each under its address. Nothing is written twice.
import { packages } from "../../../../scripts/workspace.ts";

/** A page: where it is written and where it stands. */
export interface Entry {
  /** Its address below the site's base, without an ending. */
  readonly route: string;
  /** Its file in the repository. */
  readonly file: string;
  /** Its name in the menu. */
  readonly title: string;
}

export interface Section {
  readonly title: string;
  /** The first part of its pages' addresses. */
  readonly folder: string;
  readonly entries: readonly Entry[];
}

const section = (title: string, folder: string, pages: Readonly<Record<string, string>>): Section => ({
  title,
  folder,
  entries: Object.entries(pages).map(([file, name]) => ({
    file,
    title: name,
    route: `${folder}/${file.split("/").at(-1)?.replace(/\.md$/, "").toLowerCase()}`,
  })),
});

export const sections: readonly Section[] = [
  section("Start", "start", {
    "docs/start/install.md": "Install",
    "docs/start/first-tensor.md": "First tensor",
    "docs/start/first-model.md": "First model",
  }),
  section("Guides", "guides", {
    "docs/guides/tensors.md": "Tensors and memory",
    "docs/autograd.md": "Autograd",
    "docs/transforms.md": "Transforms",
    "docs/compile.md": "Compile",
    "docs/graph.md": "Programs as data",
    "docs/modules.md": "Modules",
    "docs/guides/losses.md": "Losses",
    "docs/guides/optimizers.md": "Optimizers",
    "docs/optimizer-state.md": "Optimizer state",
    "docs/mixed-precision.md": "Mixed precision",
    "docs/data.md": "Data",
    "docs/text.md": "Texts and language models",
    "docs/vision.md": "Images",
    "docs/notebooks.md": "Notebooks and plots",
    "docs/files.md": "Saving and loading",
    "docs/pytorch-files.md": "PyTorch's files",
    "docs/guides/devices.md": "Devices",
    "docs/backends/cuda.md": "CUDA",
    "docs/guides/debugging.md": "Debugging",
    "docs/profiling.md": "Performance",
    "docs/toolchains.md": "Toolchains",
    "docs/platforms.md": "In pages and elsewhere",
    "SECURITY.md": "Security",
  }),
  section("Coming from", "coming-from", {
    "docs/coming-from/pytorch.md": "PyTorch",
    "docs/coming-from/numpy.md": "NumPy",
    "docs/coming-from/tensorflow.md": "TensorFlow.js",
    "docs/coming-from/torch7.md": "Torch7",
  }),
  section("Write a backend", "backend", {
    "docs/write-a-backend/plain.md": "In plain TypeScript",
    "docs/write-a-backend/fused.md": "A fused kernel",
    "docs/write-a-backend/asynchronous.md": "An asynchronous device",
    "docs/write-a-backend/publish.md": "Publish it",
    "docs/write-a-backend/contract.md": "The contract",
    "examples/backend-template/README.md": "A template",
    "docs/extending.md": "Ops and backends",
  }),
  section("Reference", "reference", {
    "docs/ops.md": "Operations",
    "docs/op-coverage.md": "Operations by dtype and device",
    "docs/options.md": "Options",
    "docs/torch-names.md": "PyTorch's names",
    "docs/torch7.md": "Torch7's modules and names",
    "docs/coverage.md": "Coverage",
    "docs/differences.md": "Differences from PyTorch",
    "docs/benchmarks.md": "Benchmarks",
    "docs/architecture.md": "Architecture",
    "docs/versioning.md": "Versions",
    "CONTRIBUTING.md": "Contributing",
  }),
  {
    title: "Packages",
    folder: "packages",
    entries: packages().map(({ name, folder }) => ({
      route: `packages/${folder}`,
      file: `packages/${folder}/README.md`,
      title: name,
    })),
  },
];

/** Pages that are found under another page's address: an index has no page of its own. */
export const alsoKnown: Readonly<Record<string, string>> = { "README.md": "", "docs/README.md": "" };
