// Menus are <details class="mk-menu">: they open without script; here they also close.

export function startMenus(): void {
  const open = () => document.querySelectorAll<HTMLDetailsElement>("details.mk-menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      if (!(event.target instanceof Node) || !menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}
