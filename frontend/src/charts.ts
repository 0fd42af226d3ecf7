// Finds charts on the page and loads the drawing code only when there is one.
import { eachPart, within } from "./events";
import { LOOK_CHANGED } from "./switches";

export function startCharts(): void {
  const drawAll = (part: ParentNode) => {
    const places = within<HTMLElement>(part, "[data-chart]");
    if (places.length === 0) return;
    void import("./chart").then(({ draw }) => places.forEach((place) => draw(place)));
  };
  eachPart(drawAll);
  document.addEventListener(LOOK_CHANGED, () => drawAll(document));
}
