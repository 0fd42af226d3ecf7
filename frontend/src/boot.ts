// Runs before the first paint: sets theme and type size from what this browser remembers, so
// that a page never flashes in the wrong one. Without script the pages are light and normal.
import { applySize, applyTheme } from "./preferences";

applyTheme();
applySize();
