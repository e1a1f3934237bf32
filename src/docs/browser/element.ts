/** Creates an element with these properties and children. A text becomes a text node, never HTML. */
export const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Record<string, unknown>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] => {
  const created = document.createElement(name);
  Object.assign(created, properties);
  created.append(...children);
  return created;
};
