import { difference } from "./compare.ts";
import { programs } from "./programs.ts";
import { type Curve, Run, sumsOf } from "./run.ts";

/** How far a loss may be off: ten times what rounding to float32 did to PyTorch's own, or 1e-5. */
export function toleranceOf(curve: Curve, dtype: string): number {
  if (/lbfgs/.test(curve.name)) return 1e-3; // each step doubles a difference, down to float64's last bit: it divides differences
  if (dtype === "float64") return 1e-9;
  if (/bf16/.test(curve.name)) return 2e-2; // a product in bfloat16 has eight bits, and sums go in another order
  const own = curve.name.endsWith("_rng") ? 0 : curve.max_abs_difference; // there float64 draws other numbers
  return Math.max(1e-5, 10 * own);
}

/** Weights that the losses hardly see, so that rounding alone moves them, and why. */
const undetermined: { readonly [name: string]: readonly [keys: RegExp, why: string] } = {
  gpt: [/qkv\.bias$/, "the softmax of attention does not see the keys' bias"],
  transformer_encoder: [/in_proj_bias$/, "the same"],
  seq2seq_copy: [/in_proj_bias$/, "the same"],
  unet: [/\.0\.bias$|running_mean$/, "batch norm takes a convolution's bias away"],
  dropout_mlp_rng: [/^3\.bias$|running_mean$/, "batch norm takes a linear layer's bias away"],
  optim_lbfgs: [/./, "the losses of LBFGS double a difference in each step"],
  optim_lbfgs_strong_wolfe: [/./, "the losses of LBFGS double a difference in each step"],
  autocast_bf16_mlp: [/./, "eight bits in each product"],
  bf16_weights_mlp: [/./, "eight bits in each weight"],
};
function finalOf(curve: Curve, nets: Run["nets"]): [ours: unknown, theirs: unknown] {
  const [keys] = undetermined[curve.name] ?? [/^$/];
  const told = <T>(sums: { readonly [key: string]: T }) =>
    Object.fromEntries(Object.entries(sums).filter(([key]) => !keys.test(key)));
  return [
    Object.fromEntries(Object.entries(nets).map(([net, m]) => [net, told(sumsOf(m.stateDict()))])),
    Object.fromEntries(Object.entries(curve.final).map(([net, sums]) => [net, told(sums)])),
  ];
}

export async function replay(curve: Curve, dtype: "float32" | "float64"): Promise<{ run: Run; losses: number[] }> {
  const run = new Run(curve, dtype);
  const losses: number[] = [];
  for await (const loss of programs[curve.name](run)) losses.push(loss.item());
  return { run, losses };
}

/** Where a program's start, losses, notes and end are not PyTorch's. */
export async function judge(curve: Curve, dtype: "float32" | "float64"): Promise<string[]> {
  const { run, losses } = await replay(curve, dtype);
  const tolerance = toleranceOf(curve, dtype);
  const all =
    dtype === "float64"
      ? [difference(losses, curve.loss_float64, tolerance, "loss")]
      : [
          ...run.drawn,
          difference(losses, curve.loss, tolerance, "loss"),
          ...Object.entries(curve.extra)
            .filter(([key]) => key !== "optimizer")
            .map(([key, expected]) => difference(run.notes[key], expected, tolerance, key)),
          // sums of up to 2,300 weights
          difference(...finalOf(curve, run.nets), 10 * tolerance, "final"),
        ];
  return all.filter((problem) => problem !== "");
}
