import type { TrafficPoint } from '@weir/contracts/dashboard-api';

/** What the traffic chart can show. */
export type TrafficMeasure = 'packets' | 'bytes' | 'connections';

/** Columns of the traffic chart, a value a second of each step. Times are Unix epoch in seconds, as uPlot takes them. */
export interface TrafficColumns {
  readonly timesS: readonly number[];
  /** All traffic. */
  readonly total: readonly number[];
  /** The part that belongs to troubled hosts; 0 where it is not told (connections). */
  readonly anomalous: readonly number[];
}

/** Steps drawn at most; beyond, the newest. */
const MAX_STEPS = 2000;

/**
 * Points as columns, with steps that the server left out (no traffic) as 0. Points are oldest first, stepS apart or more.
 */
export function trafficColumns(
  points: readonly TrafficPoint[],
  stepS: number,
  measure: TrafficMeasure,
): TrafficColumns {
  const timesS: number[] = [];
  const total: number[] = [];
  const anomalous: number[] = [];
  const add = (timeS: number, all: number, part: number) => {
    timesS.push(timeS);
    total.push(all / stepS);
    anomalous.push(part / stepS);
  };
  for (const point of points) {
    const startS = point.startMs / 1000;
    const from = Math.max((timesS.at(-1) ?? startS) + stepS, startS - MAX_STEPS * stepS);
    for (let gapS = from; gapS < startS - stepS / 2; gapS += stepS) add(gapS, 0, 0);
    add(startS, point[measure], anomalousOf(point, measure));
  }
  return { timesS: timesS.slice(-MAX_STEPS), total: total.slice(-MAX_STEPS), anomalous: anomalous.slice(-MAX_STEPS) };
}

/** The same with the end of the last step, so that a chart in steps draws it too, and has a width where it is the only one. */
export function withLastStep({ timesS, total, anomalous }: TrafficColumns, stepS: number): TrafficColumns {
  const endS = timesS.at(-1);
  if (endS === undefined) return { timesS, total, anomalous };
  return {
    timesS: [...timesS, endS + stepS],
    total: [...total, total.at(-1)!],
    anomalous: [...anomalous, anomalous.at(-1)!],
  };
}

function anomalousOf(point: TrafficPoint, measure: TrafficMeasure): number {
  if (measure === 'connections') return 0;
  return measure === 'packets' ? point.anomalousPackets : point.anomalousBytes;
}
