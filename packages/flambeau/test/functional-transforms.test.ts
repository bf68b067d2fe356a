// Transforms of modules with respect to their parameters: PyTorch's figures of Jacobians, tangent kernels, gradients of each sample and ensembles.
import { einsum, eye, grad, jacfwd, jacrev, jvp, losses, nn, type Tensor, vjp, vmap } from "flambeau";
import { describe, expect, it } from "vitest";
import {
  allNear,
  build,
  type Case,
  cases,
  type Dict,
  decode,
  dict,
  type Encoded,
  near,
} from "./support/recorded-modules.ts";

type Tensors = Record<string, Tensor>;
const of = (transform: string): [string, Case][] =>
  cases.filter((c) => c.transform === transform).map((c) => [c.net, c]);
/** The module in evaluation as a function of its parameters, on the first two samples. */
function outputs(c: Case): (params: Tensors) => Tensor {
  const net = build(c.spec).eval();
  const x = decode(c.x).narrow(0, 0, 2);
  return (params) => nn.functionalCall(net, [params, dict(c.buffers)], x);
}
const loss = (c: Case): ((params: Tensors, x: Tensor, y: Tensor) => Tensor) => {
  const net = build(c.spec).eval();
  return (params, x, y) => losses.crossEntropy(nn.functionalCall(net, [params, dict(c.buffers)], x), y);
};

describe("PyTorch's figures of transforms with respect to parameters", () => {
  it.each(of("jacrev_params"))("Jacobians: %s", (_, c) => {
    const params = dict(c.params);
    allNear(jacrev(outputs(c))(params), c.out as Dict);
    allNear(jacfwd(outputs(c))(params), c.out as Dict);
    expect(Object.values(params).every((p) => p.grad === null)).toBe(true);
  });

  it.each(of("ntk"))("the neural tangent kernel, from Jacobians: %s", (_, c) => {
    const terms = Object.values(jacrev(outputs(c))(dict(c.params))).map((j) => {
      const rows = j.flatten(2);
      return einsum("ijp,klp->ijkl", rows, rows);
    });
    near(
      terms.reduce((a, b) => a.add(b)),
      c.out as Encoded,
    );
  });

  it.each(of("ntk"))("the neural tangent kernel, from products with Jacobians that are never formed: %s", (_, c) => {
    const f = outputs(c);
    const params = dict(c.params);
    const [y, pull] = vjp(f, params);
    const along = (cotangent: Tensor): Tensor => {
      return jvp(f, params, pull(cotangent))[1];
    };
    const n = y.size;
    const basis = eye(n).view(n, ...y.shape);
    near(vmap(along)(basis).view(...y.shape, ...y.shape), c.out as Encoded);
  });

  it.each(of("per_sample_grads"))("gradients of each sample: %s", (_, c) => {
    const each = vmap(grad(loss(c)), { inDims: [null, 0, 0] });
    allNear(each(dict(c.params), decode(c.x).unsqueeze(1), decode(c.y).unsqueeze(1)) as Tensors, c.grads);
  });

  it.each(of("hvp"))("products with the Hessian: %s", (_, c) => {
    const [x, y] = [decode(c.x), decode(c.y)];
    const slope = grad((params: Tensors) => loss(c)(params, x, y));
    allNear(jvp(slope, [dict(c.params)], [dict(c.tangents)])[1] as Tensors, c.out as Dict);
  });

  it.each(of("ensemble"))("ensembles: %s", (_, c) => {
    const net = build(c.spec).eval();
    const call = (params: Tensors, buffers: Tensors, x: Tensor) => nn.functionalCall(net, [params, buffers], x);
    const all = vmap(call, { inDims: [0, 0, null] });
    near(all(dict(c.stacked_params), dict(c.stacked_buffers), decode(c.x)) as Tensor, c.out as Encoded);
  });
});
