// The curve of one laboratory item: a line per institution, the reference range as a band, and
// zoom by wheel, drag or slider. The table under it says the same in words.
import { LineChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  AriaComponent,
  CanvasRenderer,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
]);

/** As the server writes it into `data-chart`; see templates/macros.html, `curve`. */
interface Curve {
  item: string;
  title: string;
  unit: string;
  low: number | null;
  high: number | null;
  series: { source: string; points: Point[] }[];
}

/** Time (ISO 8601 with offset), value, and value and flag as they are shown. */
type Point = [at: string, value: number, shown: string, flag: string];

const SYMBOLS = ["circle", "diamond", "triangle", "rect", "roundRect", "pin"];
const charts = new WeakMap<HTMLElement, ECharts>();
const zooms = new Map<string, { start: number; end: number }>();

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) charts.get(target as HTMLElement)?.resize();
});

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function day(time: number): string {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The value axis: round ends and a round step, with room for curve and reference range. */
function axisOf(curve: Curve): { min: number; max: number; interval: number } {
  const values = curve.series.flatMap(({ points }) => points.map(([, value]) => value));
  if (curve.low !== null) values.push(curve.low);
  if (curve.high !== null) values.push(curve.high);
  const lowest = Math.min(...values);
  const highest = Math.max(...values);
  const room = (highest - lowest || Math.abs(highest) || 1) * 0.1;
  const floor = lowest >= 0 ? Math.max(0, lowest - room) : lowest - room;
  const rough = (highest + room - floor) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const interval = power * ([1, 2, 5].find((step) => step * power >= rough) ?? 10);
  return {
    min: Math.floor(floor / interval) * interval,
    max: Math.ceil((highest + room) / interval) * interval,
    interval,
  };
}

function bandArea(curve: Curve, label: string) {
  if (curve.low === null && curve.high === null) return {};
  const ends = [curve.low ?? -Infinity, curve.high ?? Infinity];
  const { min, max } = axisOf(curve);
  const edge = { color: colour("--mk-chart-band-edge"), type: "dashed" as const, width: 1 };
  return {
    markArea: {
      silent: true,
      itemStyle: { color: colour("--mk-chart-band") },
      label: {
        show: true,
        position: "insideTopLeft",
        color: colour("--mk-chart-band-text"),
        fontSize: 11,
      },
      data: [
        [
          { name: label, yAxis: Math.max(ends[0] ?? min, min) },
          { yAxis: Math.min(ends[1] ?? max, max) },
        ],
      ],
    },
    markLine: {
      silent: true,
      symbol: "none",
      lineStyle: edge,
      label: { show: false },
      data: ends.filter(Number.isFinite).map((yAxis) => ({ yAxis })),
    },
  };
}

function options(curve: Curve, place: HTMLElement): EChartsCoreOption {
  const palette = [1, 2, 3, 4, 5, 6].map((n) => colour(`--mk-chart-${n}`));
  const ink = colour("--mk-ink-2");
  const rule = colour("--mk-border");
  const alarm = { H: colour("--mk-high"), L: colour("--mk-low") };
  const band = place.dataset["chartBand"] ?? "";
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const narrow = place.clientWidth < 520;
  const first = curve.series.length > 0 ? bandArea(curve, band) : {};
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  return {
    aria: { enabled: true, label: { description: place.getAttribute("aria-label") ?? curve.title } },
    animation: !calm && !charts.has(place),
    animationDuration: 350,
    color: palette,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink, fontSize: 12 * size },
    grid: { left: 8, right: 16, top: (curve.series.length > 1 ? 62 : 36) * size, bottom: 52, containLabel: true },
    legend: {
      show: curve.series.length > 1,
      top: 0,
      left: 0,
      type: "scroll",
      itemWidth: 22,
      itemHeight: 9,
      itemGap: 16,
      textStyle: { color: ink, fontSize: 12 * size },
    },
    tooltip: {
      trigger: "item",
      renderMode: "richText", // an HTML tooltip would need inline styles, which the policy forbids
      confine: true,
      backgroundColor: colour("--mk-surface"),
      borderColor: colour("--mk-border-strong"),
      textStyle: { color: colour("--mk-ink"), fontSize: 13 * size, lineHeight: 20 * size },
      formatter: ({ data, seriesName }: { data: { at: string; shown: string }; seriesName: string }) =>
        `${data.shown} ${curve.unit}\n${data.at}\n${seriesName}`,
    },
    xAxis: {
      type: "time",
      axisLine: { lineStyle: { color: rule } },
      axisTick: { lineStyle: { color: rule } },
      axisLabel: { color: ink, fontSize: 12 * size, hideOverlap: true, formatter: (time: number) => day(time) },
      splitNumber: narrow ? 2 : 5,
    },
    yAxis: {
      type: "value",
      ...axisOf(curve),
      name: curve.unit,
      nameTextStyle: { color: ink, fontSize: 12 * size, align: "left" },
      nameGap: 10,
      axisLabel: { color: ink, fontSize: 12 * size },
      splitLine: { lineStyle: { color: rule } },
    },
    dataZoom: [
      { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, ...zooms.get(curve.item) },
      {
        type: "slider",
        height: 18,
        bottom: 6,
        borderColor: rule,
        fillerColor: colour("--mk-chart-zoom"),
        selectedDataBackground: {
          lineStyle: { color: colour("--mk-chart-1"), opacity: 0.6 },
          areaStyle: { color: "transparent" },
        },
        handleStyle: { color: colour("--mk-surface"), borderColor: colour("--mk-border-strong") },
        moveHandleSize: 0,
        dataBackground: { lineStyle: { color: rule }, areaStyle: { color: rule } },
        textStyle: { color: ink, fontSize: 11 },
        showDetail: false,
        brushSelect: false,
        ...zooms.get(curve.item),
      },
    ],
    series: curve.series.map(({ source, points }, index) => ({
      type: "line",
      name: source,
      symbol: SYMBOLS[index % SYMBOLS.length],
      symbolSize: 9,
      lineStyle: { width: 2 },
      emphasis: { scale: 1.5 },
      data: points.map(([at, value, shown, flag]) => ({
        value: [at, value],
        at: at.slice(0, 16).replace("T", " "),
        shown: [shown, flag.startsWith("H") ? "↑" : flag.startsWith("L") ? "↓" : ""].join(" ").trim(),
        ...(flag.startsWith("H") ? { itemStyle: { color: alarm.H } } : {}),
        ...(flag.startsWith("L") ? { itemStyle: { color: alarm.L } } : {}),
      })),
      ...(index === 0 ? first : {}),
    })),
  };
}

/** Draws, or draws again after a refresh or a change of theme, keeping the zoom. */
export function draw(place: HTMLElement): void {
  const curve = JSON.parse(place.dataset["chart"] ?? "null") as Curve | null;
  if (!curve) return;
  const known = charts.get(place);
  const chart = known ?? init(place, null, { renderer: "canvas" });
  chart.setOption(options(curve, place), true);
  if (known) return;
  charts.set(place, chart);
  resized.observe(place);
  chart.on("datazoom", () => {
    const [zoom] = (chart.getOption()["dataZoom"] ?? []) as { start: number; end: number }[];
    if (zoom) zooms.set(curve.item, { start: zoom.start, end: zoom.end });
  });
  const gone = () => {
    if (place.isConnected) return;
    chart.dispose();
    resized.unobserve(place);
    document.removeEventListener("htmx:afterSettle", gone);
  };
  document.addEventListener("htmx:afterSettle", gone);
}
