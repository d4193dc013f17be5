import type { Topology } from '@weir/contracts/dashboard-api';
import { colour } from './colours.js';
import type { Places } from './force-worker.js';

/** What part of the plane is shown: its middle, and how many pixels a unit takes. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** Everything that the picture depends on. */
export interface TopologyPicture {
  readonly topology: Topology;
  readonly places: Places;
  readonly view: View;
  readonly width: number;
  readonly height: number;
  /** Node pointed at or searched for. */
  readonly chosen: number | undefined;
}

/** Radius of a node by its traffic, pixels at any zoom. */
function nodeRadius(bytes: number, most: number): number {
  return 3.5 + 9 * Math.sqrt(bytes / Math.max(1, most));
}

/** The view that holds all nodes. */
export function fit({ x, y }: Places, width: number, height: number): View {
  if (x.length === 0) return { x: 0, y: 0, zoom: 1 };
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    left = Math.min(left, x[i]!);
    right = Math.max(right, x[i]!);
    top = Math.min(top, y[i]!);
    bottom = Math.max(bottom, y[i]!);
  }
  const zoom = Math.min(2.2, (width - 110) / Math.max(80, right - left), (height - 80) / Math.max(80, bottom - top));
  return { x: (left + right) / 2, y: (top + bottom) / 2, zoom: Math.max(0.05, zoom) };
}

/** Place on the canvas of a place in the plane. */
export function toScreen(
  picture: Pick<TopologyPicture, 'places' | 'view' | 'width' | 'height'>,
  node: number,
): [number, number] {
  const { places, view, width, height } = picture;
  return [width / 2 + (places.x[node]! - view.x) * view.zoom, height / 2 + (places.y[node]! - view.y) * view.zoom];
}

/** The node at a place on the canvas, with room for a finger; undefined for none. */
export function nodeAt(picture: TopologyPicture, left: number, top: number): number | undefined {
  const most = mostBytes(picture.topology);
  let best: number | undefined;
  let nearest = Infinity;
  picture.topology.nodes.forEach((node, i) => {
    const [x, y] = toScreen(picture, i);
    const distance = Math.hypot(x - left, y - top) - nodeRadius(node.bytes, most);
    if (distance < 7 && distance < nearest) [best, nearest] = [i, distance];
  });
  return best;
}

const mostBytes = (topology: Topology) => topology.nodes.reduce((most, { bytes }) => Math.max(most, bytes), 1);

/** Draws edges, then nodes, then names. Of a chosen node, its neighbours stand out and the rest steps back. */
export function drawTopology(context: CanvasRenderingContext2D, picture: TopologyPicture): void {
  const near = neighbours(picture);
  drawEdges(context, picture);
  drawNodes(context, picture, near);
  drawNames(context, picture, near);
}

function neighbours({ topology, chosen }: TopologyPicture): Set<number> | undefined {
  if (chosen === undefined) return undefined;
  const near = new Set([chosen]);
  for (const { from, to } of topology.edges) {
    if (from === chosen) near.add(to);
    if (to === chosen) near.add(from);
  }
  return near;
}

/** Edges that look alike are one stroke: thousands of strokes are slow, a dozen are not. */
function drawEdges(context: CanvasRenderingContext2D, picture: TopologyPicture): void {
  const { topology, chosen } = picture;
  const most = Math.log1p(topology.edges.reduce((top, { bytes }) => Math.max(top, bytes), 1));
  const strokes = new Map<number, Path2D>();
  for (const edge of topology.edges) {
    const isNear = chosen === undefined || edge.from === chosen || edge.to === chosen;
    const width = Math.round((WIDTHS * Math.log1p(edge.bytes)) / most);
    const look = (edge.isTroubled ? TROUBLED : 0) + (isNear ? NEAR : 0) + width;
    const stroke = strokes.get(look) ?? new Path2D();
    strokes.set(look, stroke);
    stroke.moveTo(...toScreen(picture, edge.from));
    stroke.lineTo(...toScreen(picture, edge.to));
  }
  const [calm, troubled] = [colour('--text-faint'), colour('--series-anomalous')];
  // Far before near, calm before troubled: what matters lies on top.
  for (const look of [...strokes.keys()].sort((x, y) => x - y)) {
    const [isTroubled, isNear] = [look >= TROUBLED, look % TROUBLED >= NEAR];
    context.strokeStyle = isTroubled ? troubled : calm;
    context.globalAlpha = isNear ? (isTroubled ? 0.75 : 0.3) : 0.06;
    context.lineWidth = (isTroubled ? 1.3 : 0.6) + (1.8 * (look % NEAR)) / WIDTHS;
    context.setLineDash(isTroubled ? [6, 3] : []);
    context.stroke(strokes.get(look)!);
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Steps of an edge's width, and how a look is counted together: troubled, near, width. */
const WIDTHS = 5;
const NEAR = 10;
const TROUBLED = 100;

function drawNodes(context: CanvasRenderingContext2D, picture: TopologyPicture, near: Set<number> | undefined): void {
  const { nodes } = picture.topology;
  const most = mostBytes(picture.topology);
  for (const isNear of [false, true]) {
    for (const isInternal of [false, true]) {
      const shape = new Path2D();
      for (let i = 0; i < nodes.length; i++) {
        if (nodes[i]!.isInternal !== isInternal || (!near || near.has(i)) !== isNear) continue;
        addNode(shape, picture, { node: i, r: nodeRadius(nodes[i]!.bytes, most) });
      }
      context.globalAlpha = isNear ? 1 : 0.18;
      context.fillStyle = colour(isInternal ? '--accent' : '--series-d');
      context.lineWidth = 3;
      context.strokeStyle = colour('--sunken');
      context.stroke(shape);
      context.fill(shape);
    }
  }
  context.globalAlpha = 1;
  drawRings(context, picture, near);
}

/** Inside is round, outside is square: not by colour alone. */
function addNode(shape: Path2D, picture: TopologyPicture, { node, r }: { node: number; r: number }): void {
  const [x, y] = toScreen(picture, node);
  if (picture.topology.nodes[node]!.isInternal) {
    shape.moveTo(x + r, y);
    shape.arc(x, y, r, 0, 2 * Math.PI);
  } else {
    shape.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
  }
}

/** Around nodes in an incident, and around the chosen one. */
function drawRings(context: CanvasRenderingContext2D, picture: TopologyPicture, near: Set<number> | undefined): void {
  const most = mostBytes(picture.topology);
  picture.topology.nodes.forEach((node, i) => {
    if (!node.worstSeverity && i !== picture.chosen) return;
    const [x, y] = toScreen(picture, i);
    const r = nodeRadius(node.bytes, most);
    context.globalAlpha = !near || near.has(i) ? 1 : 0.18;
    if (node.worstSeverity) ring(context, { x, y, r: r + 4, token: `--${node.worstSeverity}` });
    if (i === picture.chosen) ring(context, { x, y, r: r + 7, token: '--text' });
  });
  context.globalAlpha = 1;
}

function ring(
  context: CanvasRenderingContext2D,
  { x, y, r, token }: { x: number; y: number; r: number; token: string },
): void {
  context.strokeStyle = colour(token);
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, r, 0, 7);
  context.stroke();
}

/** Names of the chosen, the troubled and the busiest, as far as they have room. */
function drawNames(context: CanvasRenderingContext2D, picture: TopologyPicture, near: Set<number> | undefined): void {
  const most = mostBytes(picture.topology);
  context.font = '11px "Inter Variable", sans-serif';
  context.textAlign = 'center';
  context.lineWidth = 3;
  context.strokeStyle = colour('--panel');
  context.fillStyle = colour('--text-soft');
  const taken: { x: number; y: number; width: number }[] = [];
  for (const i of nameOrder(picture, near)) {
    const node = picture.topology.nodes[i]!;
    const [x, top] = toScreen(picture, i);
    const y = top + nodeRadius(node.bytes, most) + 15;
    const width = context.measureText(node.address).width + 8;
    if (i !== picture.chosen && taken.some((t) => Math.abs(t.x - x) < (t.width + width) / 2 && Math.abs(t.y - y) < 15))
      continue;
    taken.push({ x, y, width });
    context.strokeText(node.address, x, y);
    context.fillText(node.address, x, y);
  }
}

const MOST_NAMES = 44;

function nameOrder({ topology, chosen }: TopologyPicture, near: Set<number> | undefined): number[] {
  const worth = (i: number) => {
    const node = topology.nodes[i]!;
    return (i === chosen ? 1e30 : 0) + (node.worstSeverity ? 1e20 : 0) + (node.isInternal ? 1e15 : 0) + node.bytes;
  };
  const nodes = topology.nodes.map((_, i) => i).filter((i) => !near || near.has(i));
  return nodes.sort((a, b) => worth(b) - worth(a)).slice(0, MOST_NAMES);
}
