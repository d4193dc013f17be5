import type { Severity } from '@weir/contracts';
import type { Output } from '../io.js';

const CODES = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
  redBackground: 41,
} as const;

export type Colour = keyof typeof CODES;

/** Colours text, or leaves it as it is. */
export type Paint = (text: string, ...colours: readonly Colour[]) => string;

export const plainPaint: Paint = (text) => text;

/** ANSI colours (ECMA-48 SGR). */
export const ansiPaint: Paint = (text, ...colours) =>
  colours.length === 0 ? text : `\u001b[${colours.map((c) => CODES[c]).join(';')}m${text}\u001b[0m`;

/** Colours only for a terminal, and not against NO_COLOR (https://no-color.org) or `--no-color`. */
export function paintFor(output: Output, env: Readonly<Record<string, string | undefined>>, isWanted: boolean): Paint {
  return isWanted && output.isTerminal && !env.NO_COLOR && env.TERM !== 'dumb' ? ansiPaint : plainPaint;
}

/** How each severity looks. */
export const SEVERITY_COLOURS: Readonly<Record<Severity, readonly Colour[]>> = {
  info: ['dim'],
  low: ['cyan'],
  medium: ['yellow'],
  high: ['red', 'bold'],
  critical: ['redBackground', 'bold'],
};
