// What htmx tells us, typed as far as the islands use it.

export interface Exchange {
  elt: Element;
  target: Element;
  xhr: XMLHttpRequest;
}

/** Calls `then` for the whole page now and for each part that htmx puts in later. */
export function eachPart(then: (part: ParentNode) => void): void {
  then(document);
  document.addEventListener("htmx:load", (event) => {
    if (event.target instanceof Element && event.target !== document.body) then(event.target);
  });
}

export function exchangeOf(event: Event): Exchange {
  return (event as CustomEvent<Exchange>).detail;
}

/** The elements within `part`, itself included, that match. */
export function within<T extends Element>(part: ParentNode, selector: string): T[] {
  const found = Array.from(part.querySelectorAll<T>(selector));
  if (part instanceof Element && part.matches(selector)) found.unshift(part as unknown as T);
  return found;
}
