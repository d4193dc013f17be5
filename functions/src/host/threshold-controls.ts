import { Value } from '@sinclair/typebox/value';
import { HostConfig } from './config.js';
import type { HostPartitionState } from './state.js';

/** Settings of the host function that cannot change while it runs: they size its tables, or come from a file of rules. */
const FIXED = ['maxHosts', 'maxKeys', 'maxLastingKeys', 'rules', 'lists'];

/** The thresholds that hold in a partition: as configured, with what controls have changed since. */
export class Thresholds {
  private known: Record<string, unknown> = {};
  private current: HostConfig;

  constructor(private readonly configured: HostConfig) {
    this.current = configured;
  }

  /** What holds in a partition now. */
  of({ thresholds }: HostPartitionState): HostConfig {
    if (thresholds !== this.known) {
      this.known = thresholds;
      this.current = Object.keys(thresholds).length === 0 ? this.configured : merged(this.configured, thresholds);
    }
    return this.current;
  }

  /**
   * Adds part of the detection settings, such as `{ host: { portScan: { ports: { in10s: 20 } } } }`, to what was changed
   * before. Returns false, and changes nothing, where they name anything but thresholds or have values out of range.
   */
  change(state: HostPartitionState, settings: Record<string, unknown>): boolean {
    const { host, ...others } = settings;
    if (Object.keys(others).length > 0 || !isObject(host) || FIXED.some((name) => name in host)) return false;
    const thresholds = merged(state.thresholds, host);
    if (!Value.Check(HostConfig, merged(this.configured, thresholds))) return false;
    state.thresholds = thresholds;
    return true;
  }
}

/** `base` with the values of `over`, object by object. */
function merged<T extends object>(base: T, over: object): T {
  const result = { ...base } as Record<string, unknown>;
  for (const [name, value] of Object.entries(over)) {
    const under = result[name];
    result[name] = isObject(value) ? merged(isObject(under) ? under : {}, value) : value;
  }
  return result as T;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
