// Buttons for theme (`data-theme-switch`) and large type (`data-size-switch`), and printing.
import {
  applySize,
  applyTheme,
  chooseSize,
  chooseTheme,
  isDark,
  isLarge,
  onSystemTheme,
} from "./preferences";

/** Colours or type size have changed: what is drawn must be drawn again. */
export const LOOK_CHANGED = "minkang:look";

function show(): void {
  applyTheme();
  applySize();
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.setAttribute("aria-pressed", String(isDark()));
  }
  for (const button of document.querySelectorAll("[data-size-switch]")) {
    button.setAttribute("aria-pressed", String(isLarge()));
  }
  document.dispatchEvent(new Event(LOOK_CHANGED));
}

export function startSwitches(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-theme-switch]")) {
      chooseTheme(isDark() ? "light" : "dark");
      show();
    } else if (event.target.closest("[data-size-switch]")) {
      chooseSize(!isLarge());
      show();
    } else if (event.target.closest("[data-print]")) {
      window.print();
    }
  });
  onSystemTheme(show);
  window.addEventListener("beforeprint", () => {
    document.documentElement.dataset["bsTheme"] = "light"; // paper is white
    document.dispatchEvent(new Event(LOOK_CHANGED));
  });
  window.addEventListener("afterprint", show);
  window.addEventListener("storage", show); // another tab chose
  show();
}
