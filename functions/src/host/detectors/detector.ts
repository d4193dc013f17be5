import type { Evidence, FlowReference, IncidentKind, Severity, Technique } from '@weir/contracts';
import type { HostConfig } from '../config.js';
import type { HostWindow } from '../host-window.js';

/** What a detector is, for documentation and for each alert it raises. */
export interface DetectorCard {
  /** Its name in alerts and in documentation, as its file. */
  readonly name: string;
  readonly kind: IncidentKind;
  /** What it sees, in one sentence. */
  readonly sees: string;
  /** How it tells this from what is ordinary: what it counts, and what it leaves out. Left out only by rules of users. */
  readonly how?: string;
  /** What it cannot see. */
  readonly blindTo: string;
  /** The cheapest change that escapes it. Left out only by rules of users. */
  readonly evadedBy?: string;
  /** Its section of the host settings, where that is not its name in camel case. */
  readonly settings?: keyof HostConfig;
  readonly techniques: readonly Technique[];
  /** What to do about it, first thing first. */
  readonly advice: readonly string[];
}

/** What a detector says about one host, pair or domain in one window. */
export interface Argument {
  /** What it is about; alerts of one kind and entity make one incident. */
  entity: string;
  severity: Severity;
  /** In [0, 1]. */
  confidence: number;
  /** First and last evidence, µs since 1970-01-01 UTC. */
  startUs: number;
  endUs: number;
  sources: string[];
  targets: string[];
  domain?: string;
  title: string;
  summary: string;
  evidence: Evidence[];
  counterfactual: string;
  flows: FlowReference[];
}

/** Numbers of a window, by FIELD, one of which must reach a least value before a detector can have anything to say. */
export interface Gate {
  readonly anyOf: readonly number[];
  least(config: HostConfig, window: number): number;
}

/** Looks at the windows of single hosts. Must not keep anything between calls. */
export interface HostDetector extends DetectorCard {
  /** Windows it looks at, by index into WINDOW_LENGTHS_S. */
  readonly windows: readonly number[];
  /** What is tested first, for each host and pane, as hardly any host gets past it. */
  readonly gate: Gate;
  /** It has nothing to say of a window that is not over. */
  readonly onlyAtEnd?: boolean;
  /** Measured over threshold: an alert from 1 on; 0 when it does not apply. Called where the gate is open. */
  magnitude(window: HostWindow, config: HostConfig): number;
  argue(window: HostWindow, config: HostConfig): Argument;
}

/** The severity one step above `base` for each factor of `perStep` in magnitude, at most critical. */
export function severityFor(base: Severity, magnitude: number, perStep = 10): Severity {
  const order: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];
  const steps = magnitude >= perStep * perStep ? 2 : magnitude >= perStep ? 1 : 0;
  return order[Math.min(order.indexOf(base) + steps, order.length - 1)]!;
}

/** A count with its noun: `1 stream`, `1,200 streams`. `many` where more than one takes more than an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${readable(count)} ${count === 1 ? one : many}`;
}

const SIZES = [
  { from: 1e9, unit: 'GB' },
  { from: 1e6, unit: 'MB' },
  { from: 1e3, unit: 'kB' },
] as const;

/** Bytes for the eye, in the largest unit of which there is one: `812 bytes`, `2.1 kB`, `5 MB`. */
export function readableBytes(bytes: number): string {
  const size = SIZES.find(({ from }) => bytes >= from);
  return size ? `${readable(bytes / size.from)} ${size.unit}` : counted(bytes, 'byte');
}

/** A value for the eye: thousands separated, no more than three digits that matter below a hundred, nor behind the point. */
export function readable(value: number): string {
  // By hand: `toLocaleString` costs more than all else in an alert.
  if (Math.abs(value) < 100) return String(Math.round(Number(value.toPrecision(3)) * 1000) / 1000);
  const digits = String(Math.abs(Math.round(value)));
  const first = digits.length % 3 || 3;
  let text = (value < 0 ? '-' : '') + digits.slice(0, first);
  for (let at = first; at < digits.length; at += 3) text += `,${digits.slice(at, at + 3)}`;
  return text;
}
