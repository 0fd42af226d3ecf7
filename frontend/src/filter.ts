// A list that is already on the page, narrowed as one types: <input data-filter="#list">, whose
// items carry `data-filter-text` (name, pinyin, code); a `data-filter-group` goes when empty.

function narrow(input: HTMLInputElement): void {
  const list = document.querySelector(input.dataset["filter"] ?? "");
  if (!list) return;
  const wanted = input.value.trim().toLowerCase();
  let left = 0;
  for (const item of list.querySelectorAll<HTMLElement>("[data-filter-text]")) {
    const fits = (item.dataset["filterText"] ?? "").toLowerCase().includes(wanted);
    item.hidden = !fits;
    if (fits) left += 1;
  }
  for (const group of list.querySelectorAll<HTMLElement>("[data-filter-group]")) {
    group.hidden = group.querySelector("[data-filter-text]:not([hidden])") === null;
  }
  const none = list.querySelector<HTMLElement>("[data-filter-none]");
  if (none) none.hidden = left > 0;
}

export function startFilter(): void {
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches("[data-filter]")) {
      narrow(event.target);
    }
  });
  // A refreshed part comes with an empty box; what was typed before is put back.
  let typed: { id: string; value: string } | null = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const input = document.querySelector<HTMLInputElement>("input[data-filter][id]");
    typed = input ? { id: input.id, value: input.value } : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const input = typed ? document.getElementById(typed.id) : null;
    if (typed && typed.value !== "" && input instanceof HTMLInputElement) {
      input.value = typed.value;
      narrow(input);
    }
  });
}
