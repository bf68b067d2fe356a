import * as amp from "@flambeau/amp";
import * as data from "@flambeau/data";
import * as io from "@flambeau/io";
import * as losses from "@flambeau/losses";
import * as nn from "@flambeau/nn";
import * as optim from "@flambeau/optim";
import * as profiler from "@flambeau/profiler";
import * as tensorboard from "@flambeau/tensorboard";
import * as text from "@flambeau/text";

export { cudaNative, webgpu } from "./adapter.ts";
export { amp, data, io, losses, nn, optim, profiler, tensorboard, text };
