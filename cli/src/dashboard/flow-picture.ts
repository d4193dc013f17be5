import type { FlowSummary, Incident } from '@weir/contracts';
import type { AnalysisResult } from '@weir/dashboard-server';

type ScatterPoint = AnalysisResult['scatter'][number];
type Distribution = AnalysisResult['distributions'][number];

/** Flows kept to draw; beyond it an even sample. */
const KEPT = 50_000;
/** Points of the scatter plot. */
const MOST_POINTS = 2000;
const BINS = 24;
const MEASURES = [
  ['durationMs', 'ms'],
  ['bytes', 'byte'],
  ['packets', 'packet'],
] as const;

type FlowPoint = Pick<
  FlowSummary,
  'communityId' | 'originator' | 'responder' | 'responderPort' | 'protocol' | 'startMs' | 'endMs' | 'packets' | 'bytes'
>;

/** An even sample of flows, and what can be drawn of them. */
export class FlowPicture {
  private readonly kept: FlowPoint[] = [];
  private seen = 0;
  private first = Number.POSITIVE_INFINITY;
  private last = 0;
  // A fixed seed: the same file gives the same picture.
  private state = 0x9e3779b9;

  get count(): number {
    return this.seen;
  }

  /** Times of the first and last packet; undefined without flows. */
  get span(): { startMs: number; endMs: number } | undefined {
    return this.seen === 0 ? undefined : { startMs: this.first, endMs: this.last };
  }

  /** Takes a flow into the sample with the chance that keeps it even (Vitter 1985, algorithm R). */
  add(flow: FlowPoint): void {
    this.first = Math.min(this.first, flow.startMs);
    this.last = Math.max(this.last, flow.endMs);
    this.seen++;
    if (this.kept.length < KEPT) this.kept.push(flow);
    else {
      const at = this.random(this.seen);
      if (at < KEPT) this.kept[at] = flow;
    }
  }

  /** What to draw, once the incidents are known. */
  draw(incidents: readonly Incident[]): { scatter: ScatterPoint[]; distributions: Distribution[] } {
    const isAnomalous = anomalyTest(incidents);
    const points = this.kept.map((flow) => pointOf(flow, isAnomalous(flow)));
    const anomalous = points.filter((point) => point.isAnomalous);
    const normal = points.filter((point) => !point.isAnomalous);
    const scatter = [...evenly(anomalous, MOST_POINTS / 2), ...evenly(normal, MOST_POINTS / 2)];
    return { scatter, distributions: MEASURES.map(([measure, unit]) => distributionOf(points, measure, unit)) };
  }

  /** A whole number in [0, below), by xorshift32 (Marsaglia 2003). */
  private random(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % below;
  }
}

/** A flow is anomalous when an incident names it, or accuses its originator (else: attacks its responder) at that time. */
function anomalyTest(incidents: readonly Incident[]): (flow: FlowPoint) => boolean {
  const named = new Set(incidents.flatMap(({ flows }) => flows.map(({ communityId }) => communityId)));
  const accused = new Map<string, [startMs: number, endMs: number][]>();
  for (const { sources, targets, startMs, endMs } of incidents) {
    const side = sources.length > 0 ? 'from' : 'to';
    for (const address of sources.length > 0 ? sources : targets) {
      const key = `${side} ${address}`;
      accused.set(key, [...(accused.get(key) ?? []), [startMs, endMs]]);
    }
  }
  return ({ communityId, originator, responder, startMs, endMs }) =>
    named.has(communityId) ||
    [`from ${originator}`, `to ${responder}`].some((key) =>
      accused.get(key)?.some(([from, to]) => startMs <= to && endMs >= from),
    );
}

function pointOf(flow: FlowPoint, isAnomalous: boolean): ScatterPoint {
  const { startMs, endMs, bytes, packets, originator, responder, responderPort, protocol } = flow;
  const durationMs = Math.max(0, endMs - startMs);
  return { startMs, durationMs, bytes, packets, originator, responder, responderPort, protocol, isAnomalous };
}

function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}

function distributionOf(
  points: readonly ScatterPoint[],
  measure: (typeof MEASURES)[number][0],
  unit: string,
): Distribution {
  let most = 1;
  for (const point of points) most = Math.max(most, point[measure]);
  const perBin = Math.log1p(most) / BINS;
  const edges = Array.from({ length: BINS + 1 }, (_, i) => Math.expm1(i * perBin));
  const normal = Array<number>(BINS).fill(0);
  const anomalous = Array<number>(BINS).fill(0);
  for (const point of points) {
    const bin = Math.min(BINS - 1, Math.floor(Math.log1p(point[measure]) / perBin));
    (point.isAnomalous ? anomalous : normal)[bin]!++;
  }
  return { measure, unit, edges, normal, anomalous };
}
