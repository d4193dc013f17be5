import { describe, expect, it } from 'vitest';
import { mapHeight, outlines, project } from './topojson.js';

describe('the map', () => {
  it('walks arcs in steps', () => {
    const transform = { scale: [0.5, 0.5], translate: [-180, -90] };
    expect(
      outlines({
        transform,
        arcs: [
          [
            [360, 180],
            [2, 4],
          ],
        ],
      }),
    ).toEqual([
      [
        [0, 0],
        [1, 2],
      ],
    ]);
  });

  it('puts places where they are', () => {
    expect(project(0, 12, 720)).toEqual([360, mapHeight(720) / 2]);
    expect(project(-180, 82, 720)).toEqual([0, 0]);
  });
});
