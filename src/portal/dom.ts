/** An element with its attributes and children; text is always text, never HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button that does something. */
export function button(label: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button' }, label);
  made.addEventListener('click', onClick);
  return made;
}

/** A page with one thing to say, in place of whatever is there. */
export function showMessage(place: HTMLElement, heading: string, text: string, ...more: Node[]): void {
  document.title = heading;
  const main = element('main', { class: 'message' }, element('h1', {}, heading), element('p', {}, text), ...more);
  place.replaceChildren(main);
}
