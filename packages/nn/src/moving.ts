import {
  backendOf,
  detach,
  emptyLike,
  isFloat,
  keep,
  noGrad,
  type Placement,
  type Tensor,
  to,
  toAsync,
} from "@flambeau/tensor/functional";
import { checkOptions, hasDevice, option, unreadable } from "@flambeau/tensor/plugin";

// Parameters and buffers go elsewhere in place: they stay the same objects.

/** Moves tensors to a device, or converts the floating-point ones. @throws UnavailableError before anything is moved. */
export function moveAll(op: string, tensors: readonly Tensor[], target: Placement): void {
  checkTarget(op, target);
  const wanted = typeof target === "object" ? target.device : target;
  const backend = wanted !== undefined && hasDevice(wanted) ? backendOf(wanted) : undefined; // none for a dtype
  for (const t of tensors)
    if (backend && t.backend !== backend && !t.backend.readSync)
      throw unreadable(op, t, "a transfer reads it", `write: await module.toAsync("${wanted}")`);
  noGrad(() => {
    for (const t of tensors) {
      const own = targetFor(t, target);
      const moved = to(t, own);
      if (moved === t) continue;
      t.setData(moved);
      moved.dispose();
      t.grad = t.grad && to(t.grad, own);
    }
  });
}

/** {@link moveAll} that waits for the devices. */
export async function moveAllAsync(op: string, tensors: readonly Tensor[], target: Placement): Promise<void> {
  checkTarget(op, target);
  const elsewhere = async (t: Tensor, own: Placement): Promise<Tensor> => {
    const handle = detach(t); // unrecorded, and nobody else's
    const moved = await toAsync(handle, own);
    if (moved !== handle) handle.dispose();
    return moved;
  };
  const all = await Promise.all(
    tensors.map(async (t) => {
      const own = targetFor(t, target);
      return { t, moved: await elsewhere(t, own), grad: t.grad && (await elsewhere(t.grad, own)) };
    }),
  );
  for (const { t, moved, grad } of all) {
    t.setData(moved);
    moved.dispose();
    if (grad) t.grad = keep(grad);
  }
}

/** Gives tensors memory on a device without setting it. */
export function emptyAll(tensors: readonly Tensor[], device: string): void {
  noGrad(() => {
    for (const t of tensors) {
      const made = emptyLike(t, { device });
      t.setData(made);
      made.dispose();
      t.grad = null;
    }
  });
}

function checkTarget(op: string, target: Placement): void {
  if (typeof target !== "string") checkOptions(op, { dtype: option.dtype, device: option.string }, target);
}
/** A dtype is for the floating-point tensors only. */
function targetFor(t: Tensor, target: Placement): Placement {
  if (isFloat(t.dtype)) return target;
  if (typeof target === "string") return isDType(target) ? t.dtype : target;
  return { device: target.device };
}
const isDType = (name: string): boolean => /^(float|bfloat|int|uint|bool)/.test(name);
