/** Typed access to the elements that the templates promise. A missing one is a mistake in a template: say so at once. */

export function find<T extends Element>(root: ParentNode, selector: string): T | null {
  return root.querySelector<T>(selector);
}

export function need<T extends Element>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

export function all<T extends Element>(root: ParentNode, selector: string): T[] {
  return [...root.querySelectorAll<T>(selector)];
}

/** Set the text only when it differs: screen readers and the layout notice every write. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A data-attribute holding a number; NaN when absent. */
export function numberFrom(element: HTMLElement, name: string): number {
  const raw = element.dataset[name];
  return raw === undefined || raw === "" ? Number.NaN : Number(raw);
}
