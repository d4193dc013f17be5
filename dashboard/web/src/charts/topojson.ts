/** As much of TopoJSON (topojson/topojson-specification) as outlines of land need. */
export interface LandTopology {
  readonly transform: { readonly scale: readonly number[]; readonly translate: readonly number[] };
  /** Each a walk: the first place, then steps, in whole units of the transform. */
  readonly arcs: readonly (readonly (readonly number[])[])[];
}

/** Arcs as lines of [longitude, latitude] in degrees. */
export function outlines({ transform, arcs }: LandTopology): [number, number][][] {
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
