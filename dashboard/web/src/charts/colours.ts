/** The present value of a colour token, for what is drawn on a canvas: `colour('--accent')`. */
export function colour(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}

/** Three channels of 0 to 255 of a colour such as `#0f766e`; black for what is not one. */
export function channels(hex: string): readonly [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!match) return [0, 0, 0];
  return [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16), Number.parseInt(match[3]!, 16)];
}

/** The colour at `share` in [0, 1] of the way along `stops`, as `rgb(…)`. */
export function blend(stops: readonly (readonly [number, number, number])[], share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const at = Math.min(stops.length - 2, Math.floor(place));
  const [from, to] = [stops[at]!, stops[at + 1]!];
  const mixed = from.map((channel, i) => Math.round(channel + (to[i]! - channel) * (place - at)));
  return `rgb(${mixed.join(' ')})`;
}
