// Runs before the first paint: sets the theme from what this browser remembers, so that a page never
// flashes in the wrong one. Without script the pages are light.
import { applyTheme } from "./preferences";

applyTheme();
