import { type Call, camelCase, type Row, run } from "../call.ts";

// foreach, fused, capturable and differentiable choose between PyTorch's own implementations: the figures are the same.
const common = "maximize, -foreach, -fused, -capturable, -differentiable";

/** A row whose option `name` is one of PyTorch's words: ours are the same in camelCase. */
const word =
  (name: string, row: string): Row =>
  (call: Call) => {
    const value = call.kwargs[name];
    const kwargs = typeof value === "string" ? { ...call.kwargs, [name]: camelCase(value) } : call.kwargs;
    return run(row, call.with(call.args, kwargs), true);
  };

/** PyTorch's optimizers to the signatures of ours. */
export const optimizerRows: { readonly [optimizer: string]: Row } = {
  SGD: `SGD(params, { lr#, momentum, dampening, weight_decay, nesterov, ${common} })`,
  Adam: `Adam(params, { lr#, betas, eps, weight_decay, amsgrad, decoupled_weight_decay, ${common} })`,
  AdamW: `AdamW(params, { lr#, betas, eps, weight_decay, amsgrad, ${common} })`,
  Adamax: `Adamax(params, { lr#, betas, eps, weight_decay, ${common} })`,
  NAdam: `NAdam(params, { lr#, betas, eps, weight_decay, momentum_decay, decoupled_weight_decay, ${common} })`,
  RAdam: `RAdam(params, { lr#, betas, eps, weight_decay, decoupled_weight_decay, ${common} })`,
  RMSprop: `RMSprop(params, { lr#, alpha, eps, weight_decay, momentum, centered, ${common} })`,
  Rprop: `Rprop(params, { lr#, etas, step_sizes, ${common} })`,
  Adagrad: `Adagrad(params, { lr#, lr_decay, weight_decay, initial_accumulator_value, eps, ${common} })`,
  Adadelta: `Adadelta(params, { lr#, rho, eps, weight_decay, ${common} })`,
  Adafactor: `Adafactor(params, { lr#, beta2_decay, eps, d, weight_decay, ${common} })`,
  ASGD: `ASGD(params, { lr#, lambd, alpha, t0, weight_decay, ${common} })`,
  LBFGS: word(
    "line_search_fn",
    "LBFGS(params, { lr#, max_iter, max_eval, tolerance_grad, tolerance_change, history_size, line_search_fn })",
  ),
  Muon: word(
    "adjust_lr_fn",
    "Muon(params, { lr#, weight_decay, momentum, nesterov, ns_coefficients, eps, ns_steps, adjust_lr_fn })",
  ),
};
