export type { Fill, Interpolation } from "./checks.ts";
export {
  decodeImage,
  type EncodeJpegOptions,
  encodeJpeg,
  encodePng,
  type ImagePlace,
  type ReadImageOptions,
  readImage,
} from "./files/image.ts";
export { type JpegDecoder, type JpegDecoderChoice, type JpegPixels, setJpegDecoder } from "./files/jpeg-decoder.ts";
export type { ReadMode } from "./files/raster.ts";
export {
  adjustBrightness,
  adjustContrast,
  adjustGamma,
  adjustSaturation,
  autocontrast,
  type GammaOptions,
  invert,
  permuteChannels,
  posterize,
  solarize,
} from "./functional/color.ts";
export {
  centerCrop,
  crop,
  fiveCrop,
  horizontalFlip,
  type TenCropOptions,
  tenCrop,
  verticalFlip,
} from "./functional/crop.ts";
export { convertImageDtype, type ToDtypeOptions, toDtype } from "./functional/dtype.ts";
export { equalize } from "./functional/equalize.ts";
export { erase } from "./functional/erase.ts";
export { adjustSharpness, type GaussianBlurOptions, gaussianBlur } from "./functional/filter.ts";
export { type GrayscaleOptions, grayscaleToRgb, rgbToGrayscale } from "./functional/grayscale.ts";
export { adjustHue } from "./functional/hue.ts";
export { type GaussianNoiseOptions, gaussianNoise } from "./functional/noise.ts";
export { normalize } from "./functional/normalize.ts";
export { type PaddingMode, type PadOptions, pad } from "./functional/pad.ts";
export { type ResizedCropOptions, type ResizeOptions, resize, resizedCrop } from "./functional/resize.ts";
export {
  type AffineOptions,
  affine,
  type PerspectiveOptions,
  perspective,
  type RotateOptions,
  rotate,
  type WarpOptions,
} from "./functional/warp.ts";
export { type ImageFile, ImageFolder, type ImageFolderOptions } from "./image-folder.ts";
export {
  type FromPixelsOptions,
  fromPixels,
  fromPixelsAsync,
  type Picture,
  type RawPixels,
} from "./pixels/from-pixels.ts";
export { type Canvas, type RgbaPixels, toImageData, toPixels } from "./pixels/to-pixels.ts";
export { sampleGenerator } from "./random/sample-generator.ts";
export {
  ConvertImageDtype,
  Grayscale,
  Normalize,
  RandomAdjustSharpness,
  RandomAutocontrast,
  RandomChannelPermutation,
  RandomEqualize,
  RandomGrayscale,
  RandomInvert,
  RandomPosterize,
  RandomSolarize,
  RGB,
  ToDtype,
} from "./transforms/color.ts";
export {
  Compose,
  Lambda,
  RandomApply,
  RandomChoice,
  type RandomChoiceOptions,
  RandomOrder,
} from "./transforms/containers.ts";
export {
  CenterCrop,
  FiveCrop,
  Pad,
  RandomHorizontalFlip,
  RandomVerticalFlip,
  Resize,
  TenCrop,
} from "./transforms/geometry.ts";
export {
  ColorJitter,
  type ColorJitterOptions,
  RandomPhotometricDistort,
  type RandomPhotometricDistortOptions,
} from "./transforms/jitter.ts";
export {
  GaussianBlur,
  GaussianNoise,
  type RandomBlurOptions,
  RandomErasing,
  type RandomErasingOptions,
} from "./transforms/misc.ts";
export { CutMix, type MixOptions, MixUp } from "./transforms/mix.ts";
export {
  RandomCrop,
  type RandomCropOptions,
  RandomResizedCrop,
  type RandomResizedCropOptions,
  RandomZoomOut,
  type RandomZoomOutOptions,
} from "./transforms/random-crop.ts";
export {
  RandomAffine,
  type RandomAffineOptions,
  RandomPerspective,
  type RandomPerspectiveOptions,
  RandomRotation,
  type RandomRotationOptions,
} from "./transforms/random-warp.ts";
export {
  type ChanceOptions,
  type RandomOptions,
  type Step,
  Transform,
  type TransformOptions,
} from "./transforms/transform.ts";
