// What main.ts tells VitePress's configuration, which VitePress reads itself, in a way of its own.
import type { DefaultTheme } from "vitepress";

export interface Settings {
  /** Where the site stands at its host, as `/` or `/flambeau/`. */
  readonly base: string;
  /** The folder of the staged pages. */
  readonly pages: string;
  /** The folder that the site is written to. */
  readonly out: string;
  readonly menus: DefaultTheme.SidebarMulti;
}

export const tell = (settings: Settings): void => {
  process.env.DOCS_SETTINGS = JSON.stringify(settings);
};

/** @throws Error where VitePress was not started by main.ts */
export function told(): Settings {
  const { DOCS_SETTINGS: text } = process.env;
  if (!text) throw new Error("The site is started by `npm run docs`, which puts its pages together first");
  return JSON.parse(text); // written above
}
