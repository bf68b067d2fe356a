import {
  ArgumentError,
  cat,
  copy_,
  narrow,
  noGrad,
  reshape,
  ShapeError,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { checkTensor, checkTensors, option, scoped, show, toDType, unscoped } from "@flambeau/tensor/plugin";

function listed(op: string, parameters: Iterable<Tensor>): readonly Tensor[] {
  if (!option.iterable.takes(parameters))
    throw new ArgumentError(
      op,
      `parameters must be a list of tensors, got ${show(parameters)}`,
      "pass model.parameters()",
    );
  const list: readonly unknown[] = [...parameters];
  checkTensors(op, "parameters", list);
  if (list.length === 0) throw new ArgumentError(op, "there are no parameters");
  return list;
}

/**
 * All parameters in one vector, one after another: `cat([p1.flatten(), p2.flatten(), ...])`. Gradients flow through it.
 *
 * Shapes: any; the result is [N], N the number of all elements.
 *
 * @throws ArgumentError when there are none, or what is given are no tensors; DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html
 * @example
 * nn.utils.parametersToVector([tensor([[1, 2]]), tensor([3])]).tolist(); // [1, 2, 3]
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  const list = listed("parametersToVector", parameters);
  const run = () => cat(list.map((p) => reshape(p, [-1])));
  return unscoped() ? scoped(run) : run();
}

/**
 * Writes a vector's elements into parameters, one after another: what {@link parametersToVector} gave comes back. No graph records it.
 *
 * Shapes: `vector` [N], N the number of all elements of the parameters.
 *
 * @throws ShapeError when the vector has another length; ArgumentError when there are no parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html
 * @example
 * const layer = new nn.Linear(2, 1);
 * nn.utils.vectorToParameters(tensor([1, 2, 3]), layer.parameters());
 * layer.weight.tolist(); // [[1, 2]]
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  const op = "vectorToParameters";
  checkTensor(op, "vector", vector);
  const list = listed(op, parameters);
  const total = list.reduce((n, p) => n + p.size, 0);
  if (vector.ndim !== 1 || vector.size !== total)
    throw new ShapeError(
      op,
      `the vector must have the ${total} elements of the parameters, got ${show([...vector.shape])}`,
      [vector.shape],
    );
  noGrad(() =>
    tidy(() => {
      let start = 0;
      for (const p of list) {
        copy_(p, toDType(reshape(narrow(vector, 0, start, p.size), p.shape), p.dtype));
        start += p.size;
      }
    }),
  );
}
