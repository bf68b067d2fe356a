// The first page.
import { withBase } from "vitepress";
import { defineComponent, h } from "vue";

const points = [
  [
    "PyTorch's names and numbers",
    "Names, defaults, edge cases and random numbers are PyTorch's: the same seed gives the same initial weights. Its own test cases are replayed.",
  ],
  [
    "Runs where TypeScript runs",
    "In Node, Deno, Bun and browsers, on WebAssembly or WebGPU, without a native build step and without assets to host.",
  ],
  [
    "A graph recorded as it runs",
    "Loops and conditions are TypeScript's. Derivatives of any order, vmap, Jacobians and Hessians follow what the code did.",
  ],
  [
    "Strictly typed",
    "Options are checked by the types and at run time; errors say what was wrong, what was got and what was expected.",
  ],
  ["PyTorch's files", "Reads .pt, safetensors, npz and GGUF; weights go both ways."],
  ["Yours to extend", "An op is its formula. A backend is about ten primitives, and one call tests it."],
] as const;

const link = (href: string, className: string, label: string) =>
  h("a", { href: withBase(href), class: className }, label);

export const Welcome = defineComponent({
  setup(_, { slots }) {
    return () =>
      h("div", { class: "welcome" }, [
        h("header", [
          h("p", { class: "kicker" }, "Flambeau"),
          h("h1", "PyTorch's programming model, in TypeScript."),
          h(
            "p",
            { class: "lead" },
            "Tensors, autograd, modules, losses and optimizers, on WebAssembly and WebGPU, in Node and in this page.",
          ),
          h("p", { class: "ways" }, [
            link("/start/first-model", "way main", "First model in five minutes"),
            link("/examples/", "way", "Examples that run here"),
            link("/coming-from/pytorch", "way", "Coming from PyTorch"),
          ]),
        ]),
        h("div", { class: "taste" }, slots.default?.()),
        h(
          "ul",
          { class: "points" },
          points.map(([title, text]) => h("li", [h("h2", title), h("p", text)])),
        ),
      ]);
  },
});
