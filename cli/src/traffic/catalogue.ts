import { TRAFFIC_KINDS, type TrafficKindHelp, type TrafficOptionName } from './options.js';

/** Options as the command line calls them; the rest have their own names or are for every kind. */
const FLAGS: Partial<Record<TrafficOptionName, string>> = {
  packets: '--packets',
  packetsPerSecond: '--rate',
  technique: '--technique',
  service: '--service',
  sources: '--sources',
  targetPort: '--target-port',
  jitter: '--jitter',
  bytes: '--bytes',
};

/** Every kind with what it makes, and its own options with unit and default. */
export function trafficCatalogue(): string {
  return `${TRAFFIC_KINDS.map(entry).join('\n')}\n`;
}

function entry({ name, summary, options }: TrafficKindHelp): string {
  const own = options.filter((option) => FLAGS[option.name] !== undefined);
  const lines = own.map(
    ({ name: option, unit, default: byDefault }) => `    ${FLAGS[option]!.padEnd(14)} ${unit}; ${byDefault}`,
  );
  return [`${name}: ${summary}`, ...lines].join('\n');
}
