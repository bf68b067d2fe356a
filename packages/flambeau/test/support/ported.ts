// Lines as they stand in programs ported from PyTorch. They compile without casts, also with noUncheckedIndexedAccess and
// exactOptionalPropertyTypes: test/packaging/types.test.ts compiles them against what is published.
import { isTensor, nn, optim, type Tensor, tensor, zeros } from "flambeau";

export function dtypesAndSizes(x: Tensor): readonly (string | number)[] {
  const made: Tensor[] = [x.float(), x.double(), x.long(), x.int(), x.bool(), x.half(), x.typeAs(zeros([1]))];
  const batch: number = x.sizeAt(0);
  const count: number = x.dim() + x.numel();
  return [...made.map(({ dtype }) => dtype), batch, count];
}

export function newAndInPlace(x: Tensor): Tensor {
  const filled: Tensor = x
    .newZeros([2, 3])
    .add(x.newOnes([2, 3]))
    .add(x.newFull([2, 3], 2));
  const changed: Tensor = filled
    .viewAs(zeros([3, 2]))
    .clone()
    .t_()
    .unsqueeze_(0)
    .squeeze_(0)
    .transpose_(0, 1);
  return changed.detach_().requiresGrad_();
}

export function named(x: Tensor): Tensor {
  const [best, where] = x.max(1);
  const { values, indices } = x.topk(1);
  const [q, k, v] = x.chunk(3, 1);
  const total = tensor([best.sum(), values.sum(), 1]);
  return total.sum().add(where.sum()).add(indices.sum()).add(q.sum()).add(k.sum()).add(v.sum());
}

export class Tied extends nn.Module {
  readonly embedding = new nn.Embedding(5, 4);
  readonly out = new nn.Linear(4, 5, { bias: false });
  /** Of any class. */
  readonly body: nn.Module;
  constructor(body: nn.Module = new nn.Identity()) {
    super();
    this.body = body;
    this.out.weight = this.embedding.weight;
    nn.init.orthogonal_(this.embedding.weight);
    nn.init.eye_(this.out.weight);
    nn.init.sparse_(this.out.weight, 0.5);
    nn.init.dirac_(new nn.Conv1d(2, 2, 3).weight);
  }
  forward(tokens: Tensor): Tensor {
    const hidden = this.body.forward(this.embedding.forward(tokens));
    if (!isTensor(hidden)) throw new TypeError("the body gives no tensor");
    return this.out.forward(hidden);
  }
}

export function trained(settings: { readonly lr?: number; readonly momentum?: number }): number {
  const model = new Tied().double().float();
  const optimizer = new optim.SGD(model.parameters(), { lr: settings.lr, momentum: settings.momentum });
  const schedule = new optim.lrScheduler.StepLR(optimizer, 1, { gamma: undefined });
  const loss = model
    .forward(tensor([0, 1, 2], { dtype: "int32" }))
    .square()
    .mean();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  schedule.step();
  model.half();
  return loss.item();
}
