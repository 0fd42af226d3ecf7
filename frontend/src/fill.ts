// The demo accounts on the log-in page: a click fills the form (it does not send it).

export function startFill(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest<HTMLElement>("[data-fill-login]");
    const form = document.querySelector<HTMLFormElement>("form[data-login]");
    if (!button || !form) return;
    const set = (name: string, value: string | undefined) => {
      const input = form.elements.namedItem(name);
      if (input instanceof HTMLInputElement) input.value = value ?? "";
    };
    set("login", button.dataset["fillLogin"]);
    set("password", button.dataset["fillPassword"]);
    for (const other of document.querySelectorAll("[data-fill-login]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    form.querySelector<HTMLButtonElement>("button[type=submit]")?.focus();
  });
}
