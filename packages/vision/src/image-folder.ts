import { ArgumentError, type Generator, IndexError, type Tensor, UnavailableError } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { readImage } from "./files/image.ts";
import { sampleGenerator } from "./random/sample-generator.ts";
import { checkStep, run, type Step } from "./transforms/transform.ts";

/** A file and the number of its class. */
export type ImageFile = readonly [path: string, label: number];

export interface ImageFolderOptions<Label = number> {
  /** What is done to each image. Default: nothing. */
  readonly transform?: Step | undefined;
  /** What is made of the number of the class. Default: that number. */
  readonly targetTransform?: ((label: number) => Label) | undefined;
  /** Reads a file. Default: {@link readImage} as RGB. */
  readonly loader?: ((path: string) => Tensor | Promise<Tensor>) | undefined;
  /** Which files are taken, by their paths. Default: those that end in .png, .jpg or .jpeg. */
  readonly isValidFile?: ((path: string) => boolean) | undefined;
  /** Take classes without files, too. Default false: they are refused. */
  readonly allowEmpty?: boolean | undefined;
  /** Give the transform a generator of its own for each sample: what it draws depends on the seed, the epoch and the index alone. Default: it draws from its own generator, or from the global one. */
  readonly seed?: number | undefined;
}
const folderKinds: Kinds<ImageFolderOptions<unknown>> = {
  transform: option.either(option.callback, option.object),
  targetTransform: option.callback,
  loader: option.callback,
  isValidFile: option.callback,
  allowEmpty: option.boolean,
  seed: option.number,
};
const endings = [".png", ".jpg", ".jpeg"];
const isImage = (path: string): boolean => endings.some((ending) => path.toLowerCase().endsWith(ending));
const asRgb = (path: string): Promise<Tensor> => readImage(path, { mode: "rgb" });

type Files = typeof import("node:fs");

/**
 * Images in folders that are called after their classes, `root/dog/1.png`, `root/cat/2.jpg`: sample i is `[transform(image), label]`, where the label counts
 * the classes in the order of their names. Files in folders below count, too.
 *
 * Shape: images `[3, H, W]` unless the transform or the loader make others of them. Dtype: uint8, likewise.
 *
 * @throws UnavailableError for a folder that cannot be read, has no folders in it, or, unless `allowEmpty`, has one without images; ArgumentError for what is no path.
 * IndexError from `get` for a sample that is not there; what {@link readImage} and the transform throw.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
 * @example
 * import { mkdirSync, writeFileSync } from "node:fs";
 * for (const [name, value] of [["dark", 0], ["bright", 255]] as const) {
 *   mkdirSync(`shades/${name}`, { recursive: true });
 *   writeFileSync(`shades/${name}/1.png`, await encodePng(full([3, 4, 4], value, { dtype: "uint8" })));
 * }
 * const shades = new ImageFolder("shades", { transform: new ToDtype("float32", { scale: true }) });
 * shades.classes; // ["bright", "dark"]
 * const [image, label] = await shades.get(1);
 * [image.max().item(), label]; // [0, 1]
 */
export class ImageFolder<Label = number> {
  readonly root: string;
  /** The names of the classes, sorted. */
  readonly classes: readonly string[];
  /** The number of each class. */
  readonly classToIdx: { readonly [name: string]: number };
  /** The files, by class and path. */
  readonly samples: readonly ImageFile[];
  /** The number of the class of each file. */
  readonly targets: readonly number[];
  readonly #options: ImageFolderOptions<Label>;
  #epoch = 0;

  constructor(root: string, options: ImageFolderOptions<Label> = {}) {
    const op = "ImageFolder";
    checkOptions<ImageFolderOptions<Label>>(op, folderKinds, options);
    if (typeof root !== "string" || root === "" || root.includes("\0"))
      throw new ArgumentError(op, `the root is a folder's path, got ${show(root)}`);
    if (options.transform !== undefined) checkStep(op, options.transform);
    if (options.seed !== undefined) checkInteger(op, "seed", options.seed);
    const fs = globalThis.process?.getBuiltinModule?.("node:fs");
    if (!fs) throw new UnavailableError(`${op}: there is no file system here`);
    const { isValidFile = isImage, allowEmpty = false } = options;
    this.root = root;
    this.classes = foldersIn(fs, op, root);
    if (this.classes.length === 0)
      throw new UnavailableError(
        `${op}: there is no folder in ${root}`,
        "images lie in folders that are called after their classes: root/dog/1.png",
      );
    this.classToIdx = Object.fromEntries(this.classes.map((name, label) => [name, label]));
    this.samples = this.classes.flatMap((name, label) =>
      filesBelow(fs, op, `${root}/${name}`)
        .filter((path) => isValidFile(path))
        .map((path): ImageFile => [path, label]),
    );
    const empty = this.classes.filter((_, label) => !this.samples.some(([, each]) => each === label));
    if (empty.length > 0 && !allowEmpty)
      throw new UnavailableError(
        `${op}: there is no image of the classes ${empty.slice(0, 20).join(", ")}${empty.length > 20 ? ", ..." : ""}`,
        options.isValidFile
          ? "write { allowEmpty: true }"
          : `images end in ${endings.join(", ")}; or write { allowEmpty: true }`,
      );
    this.targets = this.samples.map(([, label]) => label);
    this.#options = options;
  }

  get length(): number {
    return this.samples.length;
  }

  /** The epoch that the generators of samples are for: set it in front of each pass. Without the option `seed` it has no meaning. @throws ArgumentError for what is no non-negative integer. */
  setEpoch(epoch: number): void {
    this.#epoch = checkInteger("ImageFolder.setEpoch", "the epoch", epoch, 0);
  }

  async get(index: number): Promise<[image: Tensor, label: Label]> {
    const op = "ImageFolder.get";
    const { transform, targetTransform, loader = asRgb, seed } = this.#options;
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new IndexError(op, `the index ${show(index)} is none of ${this.length} samples`);
    const [path, label] = this.samples[index];
    // made before anything is awaited: an epoch set meanwhile is for later samples
    const generator: Generator | undefined = seed === undefined ? undefined : sampleGenerator(seed, this.#epoch, index);
    const loaded = await loader(path);
    const image = transform === undefined ? loaded : run(transform, loaded, generator);
    // a loader of the user's own may keep what it gives
    if (loader === asRgb && image !== loaded) loaded.dispose();
    return [image, targetTransform ? targetTransform(label) : (label as Label)]; // the default of the type parameter
  }
}

/** In the order of code points, as Python sorts. */
const inOrder = (a: string, b: string): number => {
  const [x, y] = [[...a], [...b]];
  const i = x.findIndex((char, k) => char !== y[k]);
  if (i < 0) return x.length - y.length;
  return y[i] === undefined ? 1 : (x[i].codePointAt(0) ?? 0) - (y[i].codePointAt(0) ?? 0);
};
const unreadable = (op: string, folder: string, cause: unknown): UnavailableError => {
  const error = new UnavailableError(
    `${op}: ${folder} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
  );
  error.cause = cause;
  return error;
};
function foldersIn(fs: Files, op: string, folder: string): string[] {
  try {
    return fs
      .readdirSync(folder)
      .filter((name) => fs.statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.isDirectory())
      .sort(inOrder);
  } catch (cause) {
    throw unreadable(op, folder, cause);
  }
}
/** The files below a folder, by folders and names in order; links are followed, but not in circles. */
function filesBelow(fs: Files, op: string, folder: string): string[] {
  const found: (readonly [folder: string, files: string[]])[] = [];
  const visit = (path: string, above: ReadonlySet<string>): void => {
    const real = fs.realpathSync(path);
    if (above.has(real)) return;
    const names = fs.readdirSync(path).sort(inOrder);
    const kinds = names.map((name) => fs.statSync(`${path}/${name}`, { throwIfNoEntry: false }));
    found.push([path, names.filter((_, i) => kinds[i]?.isFile()).map((name) => `${path}/${name}`)]);
    for (const [i, name] of names.entries())
      if (kinds[i]?.isDirectory()) visit(`${path}/${name}`, new Set([...above, real]));
  };
  try {
    visit(folder, new Set());
  } catch (cause) {
    throw unreadable(op, folder, cause);
  }
  return found.sort(([a], [b]) => inOrder(a, b)).flatMap(([, files]) => files);
}
