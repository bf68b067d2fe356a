// What the command line left out, asked for in the terminal.
import { cancel, group, intro, select, text } from "@clack/prompts";
import type { Arguments } from "./arguments.ts";
import type { Project } from "./create.ts";
import { nameOf, wrongFolder, wrongName } from "./names.ts";

/** @returns the project to make; undefined when whoever is asked leaves. */
export async function ask({ folder, name, template, device }: Arguments): Promise<Project | undefined> {
  intro("A project with Flambeau");
  let left = false;
  const answers = await group(
    {
      folder: () =>
        folder === undefined
          ? text({
              message: "In which folder?",
              placeholder: "my-app",
              defaultValue: "my-app",
              validate: (value) => wrongFolder(value || "my-app") ?? wrongName(name ?? nameOf(value || "my-app")),
            })
          : Promise.resolve(folder),
      template: () =>
        template === undefined
          ? select({
              message: "Where does it run?",
              options: [
                { value: "node" as const, label: "Node", hint: "a program" },
                { value: "page" as const, label: "Page", hint: "with Vite" },
              ],
            })
          : Promise.resolve(template),
      device: () =>
        device === undefined
          ? select({
              message: "What does it compute on?",
              options: [
                { value: "cpu" as const, label: "CPU", hint: "everywhere" },
                { value: "webgpu" as const, label: "WebGPU", hint: "and the CPU where there is none" },
              ],
            })
          : Promise.resolve(device),
    },
    {
      onCancel: () => {
        left = true;
        cancel("Nothing was written.");
      },
    },
  );
  return left ? undefined : { ...answers, name: name ?? nameOf(answers.folder) };
}
