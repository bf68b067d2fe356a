import type { ModuleCase } from "./modules.ts";

/**
 * What a recorded TransformerEncoder can be a case of: its layer has no recorded form (a module is none), but its sizes are those of the state,
 * and for the rest there are eight settings, of which one gives the figures. They are cases of `stacks`.
 */
export function encoderCases(c: ModuleCase): ModuleCase[] {
  const shapeOf = (name: string) => c.state_dict[`layers.0.${name}`]?.shape;
  const [dimFeedforward, dModel] = shapeOf("linear1.weight");
  const layers = new Set(Object.keys(c.state_dict).flatMap((name) => /^layers\.(\d+)\./.exec(name)?.[1] ?? [])).size;
  const either = [false, true];
  return ["relu", "gelu"].flatMap((activation) =>
    either.flatMap((norm_first) =>
      either.map((batch_first): ModuleCase => {
        const layer = { dropout: 0, bias: shapeOf("linear1.bias") !== undefined, activation, norm_first, batch_first };
        const stack = { kind: "encoder", layers, final_norm: "norm.weight" in c.state_dict };
        return { ...c, ctor: [[dModel, 2, dimFeedforward], { ...stack, ...layer }] };
      }),
    ),
  );
}
