import type { Rows } from "../call.ts";
import { words } from "./rows.ts";

const seededBy42 = new Set(
  words(`
    cauchy exponential geometric log_normal normal uniform bernoulli multinomial randn rand_like randn_like randint randint_like
    nn.functional.dropout nn.functional.dropout2d nn.functional.dropout3d nn.functional.alpha_dropout
    nn.functional.feature_alpha_dropout nn.functional.fractional_max_pool2d nn.functional.fractional_max_pool3d
    nn.functional.rrelu nn.functional.scaled_dot_product_attention nn.functional.multi_head_attention_forward
  `),
);
/** The seed with which an op's cases were recorded: PyTorch's own test records set 42 just before these (`wrapper_set_seed`). */
export const seedOf = (op: string): number => (seededBy42.has(op) ? 42 : 0);

export const randomRows: Rows = {
  // PyTorch's own record of rand_like calls randn_like
  rand_like: "randnLike(input, { dtype })",
  randn_like: "randnLike(input, { dtype })",
  randn: (c) => {
    const { size, dtype, requires_grad } = c.bind(["...size", "dtype", "requires_grad"]);
    return c.f("randn")(size ?? [], { device: c.device, dtype, requiresGrad: requires_grad });
  },
  randint: (c) => {
    const { low, high, size, dtype } = c.bind(
      c.args.length > 2 ? ["low", "high", "size", "dtype"] : ["high", "size", "dtype"],
    );
    return c.f("randint")(low ?? 0, high, size, { device: c.device, dtype });
  },
  randint_like: (c) => {
    const { input, low, high, dtype } = c.bind(
      c.args.length > 2 ? ["input", "low", "high", "dtype"] : ["input", "high", "dtype"],
    );
    return c.f("randintLike")(input, low ?? 0, high, { dtype });
  },
  bernoulli: "bernoulli(input, p)",
  multinomial: "multinomial(input, num_samples, { replacement })",
  normal: "normal(mean, std)",
  normal__in_place: "normal_(input, mean, std)",
  // PyTorch's record of the form with a number calls its two arguments (std, mean)
  normal__number_mean: (c) => {
    const { std, mean, size, dtype } = c.bind(["std", "mean", "size", "dtype"]);
    return c.f("normal")(mean, std, size, { device: c.device, ...(dtype ? { dtype } : {}) });
  },
  uniform: "uniform_(input, from, to)",
  cauchy: "cauchy_(input, median, sigma)",
  exponential: "exponential_(input, lambd)",
  geometric: "geometric_(input, p)",
  log_normal: "logNormal_(input, mean, std)",
};
