// The place of an example in a page: its program as text until the editor has come.
import { withBase } from "vitepress";
import { defineComponent, h, onBeforeUnmount, onMounted, ref } from "vue";

const programs = import.meta.glob<string>("../../examples/*.ts", { query: "?raw", import: "default" });

async function text(name: string): Promise<string> {
  const load = programs[`../../examples/${name}.ts`];
  if (!load) throw new Error(`There is no example "${name}"`);
  return load();
}

export const RunExample = defineComponent({
  props: { name: { type: String, required: true } },
  setup({ name }, { slots }) {
    const place = ref<HTMLElement>();
    const still = ref<HTMLElement>();
    let gone = false;
    let unmount: (() => void) | undefined;
    onMounted(async () => {
      const [{ mountExample }, code, show] = await Promise.all([
        import("../widget/example.ts"),
        text(name),
        text("show"),
      ]);
      if (gone || !place.value || !still.value) return;
      unmount = mountExample(place.value, { name, code, show, base: withBase("/"), still: still.value });
    });
    onBeforeUnmount(() => {
      gone = true;
      unmount?.();
    });
    // the program moves into the example when that is there
    return () => h("div", { ref: place }, [h("div", { ref: still }, slots.default?.())]);
  },
});
