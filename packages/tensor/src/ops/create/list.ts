import { castOp, transferOp } from "../../door/convert.ts";
import { cloneOp } from "../../door/run.ts";
import { constantOp, emptyOp, fullOp } from "./allocation.ts";
import { aliasOp, copyOp, detachOp, fillOp } from "./copy.ts";
import { arangeOp, eyeOp, linspaceOp, logspaceOp } from "./creation.ts";
import { randOp } from "./drawing.ts";
import { filledOp } from "./filling.ts";
import { bernoulliEachOp, bernoulliOp, multinomialOp, randintOp, randnOp, randpermOp } from "./random.ts";
import * as inPlace from "./random-in-place.ts";

/** The op records of this folder (new tensors, copies, draws), by name. */
export const createOps = {
  alias: aliasOp,
  arange: arangeOp,
  bernoulli: bernoulliOp,
  bernoulli_: inPlace.bernoulliInPlaceOp,
  bernoulliEach: bernoulliEachOp,
  bernoulliEach_: inPlace.bernoulliEachInPlaceOp,
  cast: castOp,
  cauchy_: inPlace.cauchyOp,
  clone: cloneOp,
  constant: constantOp,
  copy_: copyOp,
  detach: detachOp,
  empty: emptyOp,
  exponential_: inPlace.exponentialOp,
  eye: eyeOp,
  fill: filledOp,
  fill_: fillOp,
  full: fullOp,
  geometric_: inPlace.geometricOp,
  linspace: linspaceOp,
  logNormal_: inPlace.logNormalOp,
  logspace: logspaceOp,
  multinomial: multinomialOp,
  normal_: inPlace.normalOp,
  rand: randOp,
  randint: randintOp,
  randn: randnOp,
  random_: inPlace.randomOp,
  randperm: randpermOp,
  toDevice: transferOp,
  truncNormal_: inPlace.truncNormalOp,
  uniform_: inPlace.uniformOp,
} as const;
