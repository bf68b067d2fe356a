// The site's look, on the frame of VitePress's own theme: its menus, its search, its keyboard ways.
import "@fontsource-variable/bricolage-grotesque/wght.css";
import "@fontsource-variable/figtree/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import "./colours.css";
import "./pages.css";
import "./welcome.css";
import "./example.css";
import { RunExample } from "./run-example.ts";
import { Welcome } from "./welcome.ts";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("RunExample", RunExample);
    app.component("Welcome", Welcome);
  },
} satisfies Theme;
