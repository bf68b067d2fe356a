import { grad, hessian, linspace, solve, stack, type Tensor, tensor } from "flambeau";
import { show } from "./show.ts";

// Derivatives of any order: the gradient of a gradient is a gradient.
const x = linspace(-3, 3, 61).requiresGrad_();
const y = x.pow(3).sub(x.mul(3));
const [first] = grad(y.sum(), x, { createGraph: true });
const [second] = grad(first.sum(), x);
const points = await x.detach().data();
show({
  title: "x³ - 3x and its derivatives",
  x: "x",
  lines: [
    { name: "f", x: points, y: await y.detach().data() },
    { name: "f′", x: points, y: await first.detach().data() },
    { name: "f″", x: points, y: await second.data() },
  ],
});

// Newton's method on Rosenbrock's valley, whose lowest point is at (1, 1).
const valley = (p: Tensor) => {
  const [u, v] = [p.select(0, 0), p.select(0, 1)];
  return u.sub(1).square().add(v.sub(u.square()).square().mul(100));
};
const steps = 7;
let p = tensor([-1.2, 1], { dtype: "float64", device: "cpu" }); // no GPU has such numbers
const path = [p];
for (let step = 1; step <= steps; step++) {
  const at = p.detach().requiresGrad_();
  const [g] = grad(valley(at), at);
  p = p.sub(solve(hessian(valley)(p), g));
  path.push(p);
  console.log(`step ${step}:`, p);
}
console.log("off the lowest point by:", await p.sub(1).abs().max().itemAsync());
const walked = await stack(path, 1).data();
const surface = Array.from({ length: 60 }, (_, i) =>
  Array.from({ length: 60 }, (_, j) => {
    const [u, v] = [-1.5 + (3 * j) / 59, -4 + (6 * i) / 59];
    return Math.log10((u - 1) ** 2 + 100 * (v - u * u) ** 2 + 1e-3);
  }),
);
show({
  title: "The way down (shade: height, logarithmic)",
  x: "u",
  y: "v",
  surface: { values: surface, x: [-1.5, 1.5], y: [-4, 2] },
  lines: [{ name: "steps", x: walked.slice(0, path.length), y: walked.slice(path.length) }],
  dots: [{ x: walked.slice(0, path.length), y: walked.slice(path.length) }],
});
