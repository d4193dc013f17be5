import type { Severity } from '@weir/contracts';
import uPlot from 'uplot';
import { clockTime, day, hourMinute } from '../formats/times.js';
import { colour } from './colours.js';

/** An incident drawn on the chart. */
export interface PlotMark {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly severity: Severity;
  readonly title: string;
}

/** What the plot is told when it is made. */
export interface TimePlotOptions {
  readonly width: number;
  readonly height: number;
  /** Text of a value on the axis, such as `1.2 k`. */
  format(value: number): string;
  /** Incidents to draw; asked at each drawing. */
  marks(): readonly PlotMark[];
  /** A stretch was chosen by dragging. */
  onZoom(fromMs: number, toMs: number): void;
  /** The pointer is over step `index` at `left` pixels; undefined when it left. */
  onPoint(index: number | undefined, left: number): void;
}

const WORST = ['info', 'low', 'medium', 'high', 'critical'];
/** Room above the plot for the marks, pixels. */
const MARK_ROOM = 14;
/** Room beside the plot for half of a label at its end, pixels. */
const LABEL_ROOM = 26;

/** Traffic over time: all of it as an area, the anomalous part as an area before it, incidents as marks above. */
export function createTimePlot(place: HTMLElement, options: TimePlotOptions): uPlot {
  const area = (token: string, opacity: string): uPlot.Series => ({
    stroke: () => colour(token),
    fill: () => `${colour(token)}${opacity}`,
    width: 1.5,
    points: { show: false },
    paths: uPlot.paths.stepped!({ align: 1 }),
  });
  const axis = {
    stroke: () => colour('--text-faint'),
    font: '11px "Inter Variable", sans-serif',
    ticks: { show: false },
  };
  return new uPlot(
    {
      width: options.width,
      height: options.height,
      padding: [MARK_ROOM, LABEL_ROOM, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 8 },
      },
      scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.06 : 1] } },
      axes: [
        { ...axis, size: 26, space: 70, grid: { show: false }, values: (_, splits) => timeLabels(splits) },
        {
          ...axis,
          size: 58,
          space: 34,
          grid: { stroke: () => colour('--line'), width: 1 },
          values: (_, splits) => splits.map(options.format),
        },
      ],
      series: [{}, area('--series-normal', '40'), area('--series-anomalous', 'aa')],
      hooks: {
        drawClear: [(plot) => drawSpans(plot, options.marks())],
        draw: [(plot) => drawMarks(plot, options.marks())],
        setCursor: [(plot) => options.onPoint(plot.cursor.idx ?? undefined, plot.cursor.left ?? 0)],
        setSelect: [(plot) => takeSelection(plot, options)],
      },
    },
    [[], [], []],
    place,
  );
}

/** Labels with seconds only when steps are shorter than a minute, with the day where it changes. */
function timeLabels(splits: readonly number[]): string[] {
  const isFine = splits.length > 1 && splits[1]! - splits[0]! < 60;
  return splits.map((s, i) => {
    const text = isFine ? clockTime(s * 1000) : hourMinute(s * 1000);
    const isNewDay = i > 0 && day(s * 1000) !== day(splits[i - 1]! * 1000);
    return isNewDay ? `${day(s * 1000).slice(0, 6)} ${text}` : text;
  });
}

function takeSelection(plot: uPlot, { onZoom }: TimePlotOptions): void {
  const { left, width } = plot.select;
  if (width < 8) return;
  onZoom(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
}

/** Where a mark begins and ends on the canvas, in its pixels; undefined outside of what is shown. */
function spanOf(plot: uPlot, mark: PlotMark): { from: number; to: number } | undefined {
  const { min, max } = plot.scales.x!;
  if (min === undefined || max === undefined || mark.endMs / 1000 < min || mark.startMs / 1000 > max) return undefined;
  const from = plot.valToPos(Math.max(mark.startMs / 1000, min!), 'x', true);
  const to = plot.valToPos(Math.min(mark.endMs / 1000, max!), 'x', true);
  return { from, to: Math.max(to, from + 2) };
}

function drawSpans(plot: uPlot, marks: readonly PlotMark[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.globalAlpha = 0.09;
  for (const mark of marks) {
    const span = spanOf(plot, mark);
    if (!span) continue;
    ctx.fillStyle = colour(`--${mark.severity}`);
    ctx.fillRect(span.from, bbox.top, span.to - span.from, bbox.height);
  }
  ctx.restore();
}

function drawMarks(plot: uPlot, marks: readonly PlotMark[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio || 1;
  ctx.save();
  const leastFirst = marks.toSorted((a, b) => WORST.indexOf(a.severity) - WORST.indexOf(b.severity));
  for (const mark of leastFirst) {
    const span = spanOf(plot, mark);
    if (!span) continue;
    ctx.fillStyle = colour(`--${mark.severity}`);
    ctx.fillRect(span.from, bbox.top - 3 * ratio, span.to - span.from, 3 * ratio);
    const [x, y, r] = [span.from, bbox.top - 5 * ratio, 4 * ratio];
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x - r, y - 1.7 * r);
    ctx.lineTo(x + r, y - 1.7 * r);
    ctx.closePath();
    ctx.fill();
  }
  ctx.restore();
}

/** Marks whose stretch, widened to be pointed at, holds the time. Worst first. */
export function marksAt(marks: readonly PlotMark[], atMs: number, reachMs: number): PlotMark[] {
  return marks
    .filter(({ startMs, endMs }) => startMs - reachMs <= atMs && atMs <= endMs + reachMs)
    .sort((a, b) => WORST.indexOf(b.severity) - WORST.indexOf(a.severity));
}
