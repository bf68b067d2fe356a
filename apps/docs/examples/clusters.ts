import { arange, cdist, data, manualSeed, randperm, svd, tidy } from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const rounds = 20;
const digits = await data.digits({ split: "train" });
const [stacked] = digits.getBatch(Array.from({ length: digits.length }, (_, i) => i));
const images = stacked.flatten(1); // 64 brightnesses of each

// Principal components: the directions in which the images differ most.
const centred = images.sub(images.mean(0));
const { S, Vh } = svd(await centred.toAsync("cpu"), { fullMatrices: false }); // no GPU computes it
const shares = S.square().div(S.square().sum());
console.log("share of the variance in two directions:", await shares.narrow(0, 0, 2).sum().itemAsync());
const places = centred.matmul(Vh.narrow(0, 0, 2).t().to(centred.device));

// k-means: each image belongs to the nearest centre, each centre is the mean of its images.
const k = 10;
let centres = images.indexSelect(0, randperm(images.shape[0]).narrow(0, 0, k));
let nearest = cdist(images, centres).argmin(1);
const distances: number[] = [];
for (let round = 0; round < rounds; round++) {
  centres = tidy(() => {
    const belongs = nearest.unsqueeze(1).eq(arange(k)).to("float32");
    return belongs.t().matmul(images).div(belongs.sum(0).clamp(1).unsqueeze(1));
  });
  const all = cdist(images, centres);
  nearest = all.argmin(1);
  distances.push(await all.amin(1).square().mean().itemAsync());
}
console.log("mean squared distance from the nearest centre:", distances.at(-1));

const of = await nearest.data();
const [x, y] = [await places.select(1, 0).contiguous().data(), await places.select(1, 1).contiguous().data()];
const members = (cluster: number) => Array.from(of, Number).flatMap((each, i) => (each === cluster ? [i] : []));
show({
  title: "The images along two directions, five of the clusters",
  x: "first",
  y: "second",
  dots: [0, 1, 2, 3, 4].map((cluster) => ({
    name: `cluster ${cluster}`,
    x: members(cluster).map((i) => Number(x[i])),
    y: members(cluster).map((i) => Number(y[i])),
  })),
});
const means = (await centres.view(k, 8, 8).div(centres.max()).tolistAsync()) as number[][][];
show({ title: "The centres", tiles: means.map((rows, i) => ({ rows, label: String(i) })) });
