/** As much of TopoJSON (topojson/topojson-specification) as outlines of land need. */
export interface LandTopology {
  readonly transform: { readonly scale: readonly number[]; readonly translate: readonly number[] };
  /** Each a walk: the first place, then steps, in whole units of the transform. */
  readonly arcs: readonly (readonly (readonly number[])[])[];
}

type Line = [longitude: number, latitude: number][];

/** Arcs as lines of [longitude, latitude] in degrees, each where it is to be drawn: one across the date line twice. */
export function outlines(topology: LandTopology): Line[] {
  return linesOf(topology).flatMap(onBothSides);
}

/** A line that steps from 180° to −180° goes on beyond the edge instead, and comes in again from the other. */
function onBothSides(line: Line): Line[] {
  let turns = 0;
  const whole = line.map(([longitude, latitude], i): [number, number] => {
    const step = i === 0 ? 0 : longitude - line[i - 1]![0];
    turns += step > 180 ? -1 : step < -180 ? 1 : 0;
    return [longitude + 360 * turns, latitude];
  });
  const shifted = (by: number) => whole.map(([longitude, latitude]): [number, number] => [longitude + by, latitude]);
  const isBeyond = (edge: number) => whole.some(([longitude]) => Math.sign(edge) * longitude > Math.abs(edge));
  return [whole, ...(isBeyond(180) ? [shifted(-360)] : []), ...(isBeyond(-180) ? [shifted(360)] : [])];
}

function linesOf({ transform, arcs }: LandTopology): Line[] {
  const [scaleX = 1, scaleY = 1] = transform.scale;
  const [left = 0, top = 0] = transform.translate;
  return arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx = 0, dy = 0]) => {
      x += dx;
      y += dy;
      return [x * scaleX + left, y * scaleY + top];
    });
  });
}

/** Place on a plain map (equirectangular, cut off at the poles) of the given width, and its height. */
export function project(longitude: number, latitude: number, width: number): [number, number] {
  return [((longitude + 180) / 360) * width, ((NORTH - latitude) / (NORTH - SOUTH)) * mapHeight(width)];
}

const NORTH = 82;
const SOUTH = -58;
/** Height of a map of this width. */
export const mapHeight = (width: number) => (width * (NORTH - SOUTH)) / 360;
