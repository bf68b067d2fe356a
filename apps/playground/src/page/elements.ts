/** An element of the page. */
export function at<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} with the id "${id}"`);
  return element;
}

/** Set the text of an element. One that says it already is left alone: screen readers speak each change. */
export const say = (id: string, text: string): void => {
  const element = at(id, HTMLElement);
  if (element.textContent !== text) element.textContent = text;
};
