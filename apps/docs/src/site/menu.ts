// The site's menus, beside the pages.
import type { DefaultTheme } from "vitepress";
import { gallery } from "../../examples/list.ts";
import { apiMenu } from "./api-menu.ts";
import { sections } from "./map.ts";

/** A menu for each part of the site, by the start of its pages' addresses. */
export function menus(): DefaultTheme.SidebarMulti {
  const main = sections.map(({ title, folder, entries }) => {
    const items = entries.map(({ title: text, route }) => ({ text, link: `/${route}` }));
    if (folder === "reference") items.push({ text: "Changes", link: "/reference/changelog" });
    return { text: title, items };
  });
  const examples = gallery.map(({ name, title }) => ({ text: title, link: `/examples/${name}` }));
  const api = apiMenu();
  return {
    ...(api.length > 0 && { "/api/": api }),
    "/examples/": [
      {
        text: "Examples",
        items: [{ text: "All", link: "/examples/" }, ...examples, { text: "Your own", link: "/try" }],
      },
    ],
    "/": main,
  };
}
