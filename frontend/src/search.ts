// "Back" from a record leads to the search as it was. The text stays in this tab's history entry:
// never in the address, and not in what the browser offers to complete.

function box(): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>("[data-search][hx-post]");
}

export function startSearch(): void {
  document.addEventListener("input", (event) => {
    const input = box();
    if (!input || event.target !== input) return;
    history.replaceState({ ...(history.state as object | null), searched: input.value }, "");
  });
  window.addEventListener("pageshow", () => {
    const input = box();
    const searched = (history.state as { searched?: unknown } | null)?.searched;
    if (!input || typeof searched !== "string" || searched.trim() === "") return;
    input.value = searched;
    setTimeout(() => window.htmx.trigger(input, "search"), 0); // once htmx knows the page
  });
}
