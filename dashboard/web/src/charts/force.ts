/** What is laid out: nodes by number, edges between them. */
export interface ForceGraph {
  /** Name of the group of each node; groups begin near each other. */
  readonly groups: readonly string[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
}

const REPULSION = 1900;
/** Farther apart, nodes do not push: keeps a step of a thousand nodes to a few milliseconds. */
const REACH = 180;
/** More than any layout has rows of squares. */
const CELL_ROWS = 65_536;
const SPRING = 0.035;
const SPRING_LENGTH = 58;
const GRAVITY = 0.012;
/** Screens are wide: across, less is pulled to the middle. */
const GRAVITY_ACROSS = 0.006;
const FRICTION = 0.82;
const FASTEST = 24;
const COOLING = 0.985;
/** Below this warmth nothing visible moves. */
const COLD = 0.02;

/**
 * Places of nodes found by forces: nodes push each other away, edges pull, all are drawn to the middle. No randomness: the
 * same graph is always laid out alike. Fruchterman and Reingold 1991, with a cut-off found by a grid.
 */
export class ForceLayout {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly #vx: Float64Array;
  readonly #vy: Float64Array;
  readonly #graph: ForceGraph;
  readonly #degree: Uint32Array;
  #warmth = 1;

  constructor(graph: ForceGraph) {
    const size = graph.groups.length;
    this.#graph = graph;
    this.x = new Float64Array(size);
    this.y = new Float64Array(size);
    this.#vx = new Float64Array(size);
    this.#vy = new Float64Array(size);
    this.#degree = new Uint32Array(size);
    for (const { from, to } of graph.edges) {
      this.#degree[from]!++;
      this.#degree[to]!++;
    }
    this.#seed();
  }

  /** Whether it still moves. */
  get isWarm(): boolean {
    return this.#warmth > COLD;
  }

  /** Moves all nodes once. */
  step(): void {
    this.#push();
    this.#pull();
    for (let i = 0; i < this.x.length; i++) this.#move(i);
    this.#warmth *= COOLING;
  }

  /** Groups on a circle, their nodes in a spiral around its place: a sunflower has no two at one place. */
  #seed(): void {
    const groups = [...new Set(this.#graph.groups)].sort();
    const radius = 60 * Math.sqrt(this.x.length / 6);
    const seen = new Map<string, number>();
    this.#graph.groups.forEach((group, i) => {
      const angle = (2 * Math.PI * groups.indexOf(group)) / groups.length;
      const nth = seen.get(group) ?? 0;
      seen.set(group, nth + 1);
      const [turn, out] = [nth * 2.399963, 14 * Math.sqrt(nth + 0.5)];
      this.x[i] = (groups.length > 1 ? radius * Math.cos(angle) : 0) + out * Math.cos(turn);
      this.y[i] = (groups.length > 1 ? radius * Math.sin(angle) : 0) + out * Math.sin(turn);
    });
  }

  /** Pushes each pair within reach apart. Plain numbers throughout: this is the loop that costs. */
  #push(): void {
    const cells = this.#cells();
    for (let i = 0; i < this.x.length; i++) {
      const column = Math.floor(this.x[i]! / REACH);
      const row = Math.floor(this.y[i]! / REACH);
      for (let c = column - 1; c <= column + 1; c++) {
        for (let r = row - 1; r <= row + 1; r++) this.#pushFrom(i, cells.get(c * CELL_ROWS + r));
      }
    }
  }

  /** Nodes by the square of the grid that they are in. */
  #cells(): Map<number, number[]> {
    const cells = new Map<number, number[]>();
    for (let i = 0; i < this.x.length; i++) {
      const key = Math.floor(this.x[i]! / REACH) * CELL_ROWS + Math.floor(this.y[i]! / REACH);
      const cell = cells.get(key);
      if (cell) cell.push(i);
      else cells.set(key, [i]);
    }
    return cells;
  }

  #pushFrom(i: number, others: readonly number[] | undefined): void {
    if (!others) return;
    const [xs, ys] = [this.x, this.y];
    const [vx, vy] = [this.#vx, this.#vy];
    const strength = REPULSION * this.#warmth;
    for (let n = 0; n < others.length; n++) {
      const j = others[n]!;
      if (j === i) continue;
      const dx = xs[i]! - xs[j]!;
      const dy = ys[i]! - ys[j]!;
      const square = Math.max(36, dx * dx + dy * dy);
      if (square > REACH * REACH) continue;
      const force = strength / (square * Math.sqrt(square));
      vx[i]! += dx * force;
      vy[i]! += dy * force;
    }
  }

  #pull(): void {
    for (const { from, to } of this.#graph.edges) {
      const dx = this.x[to]! - this.x[from]!;
      const dy = this.y[to]! - this.y[from]!;
      const length = Math.hypot(dx, dy) || 1;
      // A hub has many edges; each pulls the less, or it would draw everything onto itself.
      const strength =
        (SPRING * this.#warmth * (length - SPRING_LENGTH)) /
        Math.sqrt(Math.min(this.#degree[from]!, this.#degree[to]!));
      this.#vx[from]! += (dx / length) * strength;
      this.#vy[from]! += (dy / length) * strength;
      this.#vx[to]! -= (dx / length) * strength;
      this.#vy[to]! -= (dy / length) * strength;
    }
  }

  #move(i: number): void {
    const vx = (this.#vx[i]! - this.x[i]! * GRAVITY_ACROSS * this.#warmth) * FRICTION;
    const vy = (this.#vy[i]! - this.y[i]! * GRAVITY * this.#warmth) * FRICTION;
    const tooFast = Math.min(1, FASTEST / (Math.hypot(vx, vy) || 1));
    this.#vx[i] = vx * tooFast;
    this.#vy[i] = vy * tooFast;
    this.x[i]! += this.#vx[i]!;
    this.y[i]! += this.#vy[i]!;
  }
}

/** The group of an address: its /24, or its /48; a name for what is outside. */
export function groupOf(address: string, isInternal: boolean): string {
  if (!isInternal) return 'outside';
  if (address.includes(':')) return address.split(':').slice(0, 3).join(':');
  return address.split('.').slice(0, 3).join('.');
}
