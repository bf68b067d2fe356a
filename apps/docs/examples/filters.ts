import {
  conv2d,
  linspace,
  losses,
  manualSeed,
  meshgrid,
  nn,
  noGrad,
  optim,
  outer,
  type Tensor,
  tensor,
  where,
} from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const steps = 400;

// an image of 96x96 pixels: a lit ball in front of a chequered wall
const [y, x] = meshgrid([linspace(-1, 1, 96), linspace(-1, 1, 96)], { indexing: "ij" });
const squares = x.mul(4).floor().add(y.mul(4).floor()).remainder(2);
const height = x.square().add(y.square()).neg().add(0.5); // of the ball above the wall, squared
const light = height.clamp(0).sqrt().add(x.neg()).sub(y).mul(0.45).clamp(0.05, 1);
const image = where(height.gt(0), light, squares.mul(0.5).add(0.3)).view(1, 1, 96, 96);

// a filter gives each pixel a sum of its neighbours, by weights
const filtered = (by: Tensor) => conv2d(image, by.view(1, 1, ...by.shape), null, { padding: "same" });
const bell = tensor([1, 4, 6, 4, 1]).div(16);
const blurred = filtered(outer(bell, bell));
const sharp = image.add(image.sub(blurred).mul(1.5));
const across = outer(tensor([1, 2, 1]), tensor([1, 0, -1])); // Sobel's
const edges = filtered(across).square().add(filtered(across.t()).square()).sqrt();
const relief = filtered(tensor([-2, -1, 0, -1, 0, 1, 0, 1, 2]).view(3, 3));

const rows = async (of: Tensor) => (await of.squeeze().tolistAsync()) as number[][];
const ink = async (of: Tensor) => (await rows(of)).map((row) => row.map((value) => 1 - value));
show({
  title: "Filters",
  tiles: [
    { label: "the image", rows: await ink(image) },
    { label: "blurred", rows: await ink(blurred) },
    { label: "sharpened", rows: await ink(sharp) },
    { label: "edges", rows: await rows(edges.div(3)) },
    { label: "relief", rows: await ink(relief.div(4).add(0.5)) },
  ],
});

// and backwards: a filter is found from what it did
const wanted = filtered(across);
const found = new nn.Conv2d(1, 1, 3, { padding: 1, bias: false });
const optimizer = new optim.Adam(found.parameters(), { lr: 0.1 });
const history: number[] = [];
for (let step = 1; step <= steps; step++) {
  const loss = losses.mse(found.forward(image), wanted);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  history.push(await loss.itemAsync());
}
console.log("the filter that was found:", await found.weight.detach().squeeze().round({ decimals: 2 }).toStringAsync());
console.log("off by at most:", await noGrad(() => found.weight.sub(across).abs().max()).itemAsync());
show({ title: "Loss", x: "step", lines: [{ x: history.map((_, i) => i + 1), y: history }] });
