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

  it('draws what lies across the date line on both sides, and nothing across the map', () => {
    const transform = { scale: [1, 1], translate: [0, 0] };
    const [one, other] = outlines({
      transform,
      arcs: [
        [
          [178, 60],
          [2, 1],
          [-358, 1],
          [-1, 1],
        ].map((step) => [...step]),
      ],
    });
    expect(one).toEqual([
      [178, 60],
      [180, 61],
      [182, 62],
      [181, 63],
    ]);
    expect(other).toEqual([
      [-182, 60],
      [-180, 61],
      [-178, 62],
      [-179, 63],
    ]);
  });

  it('puts places where they are', () => {
    expect(project(0, 12, 720)).toEqual([360, mapHeight(720) / 2]);
    expect(project(-180, 82, 720)).toEqual([0, 0]);
  });
});
