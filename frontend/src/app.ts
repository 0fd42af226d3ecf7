// The script of every page: htmx with server-sent events, and the small islands. Each island
// finds its elements by a data attribute, works by delegation or after each swap, and the page
// says the same without it.
import htmx from "htmx.org";
import "htmx-ext-sse";
import { startCharts } from "./charts";
import { startCodeInput } from "./code-input";
import { startDrafts } from "./drafts";
import { startFill } from "./fill";
import { startFilter } from "./filter";
import { startKeys } from "./keys";
import { startLive } from "./live";
import { startMenus } from "./menus";
import { startNotices } from "./notices";
import { startReadAloud } from "./read-aloud";
import { startProgress } from "./progress";
import { startReview } from "./review";
import { startSearch } from "./search";
import { startSwitches } from "./switches";

window.htmx = htmx;

startSwitches();
startMenus();
startKeys();
startNotices();
startProgress();
startReadAloud();
startReview();
startLive();
startDrafts();
startFill();
startCodeInput();
startFilter();
startSearch();
startCharts();
