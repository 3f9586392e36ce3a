// The page's elements: found by their names, made, and changed only where something changes.

export const $ = (id) => document.getElementById(id);

/** Make an element: make("label", {htmlFor: "x"}, child, …). */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties))
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  element.append(...children);
  return element;
}

const shown = new WeakMap();
/** Set a property only if it changes, so that the browser has nothing to lay out anew. */
export function put(element, name, value) {
  if (shown.get(element) === value && element[name] !== "") return;
  shown.set(element, value);
  element[name] = value;
}
