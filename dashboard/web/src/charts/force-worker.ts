import { type ForceGraph, ForceLayout } from './force.js';

/** Places of nodes, in their order, and whether they still move. */
export interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly isWarm: boolean;
}

/** Between two pictures. */
const SLICE_MS = 60;

/** Lays a graph out off the main thread, so that the page never waits for it. One graph in, pictures out until it rests. */
self.onmessage = ({ data }: MessageEvent<ForceGraph>) => run(new ForceLayout(data));

function run(layout: ForceLayout): void {
  const end = performance.now() + SLICE_MS;
  while (layout.isWarm && performance.now() < end) layout.step();
  const places: Places = { x: layout.x.slice(), y: layout.y.slice(), isWarm: layout.isWarm };
  self.postMessage(places);
  if (layout.isWarm) setTimeout(run, 0, layout);
}
