import type { Sweep } from '../sweep.js';
import { alone, lasting } from './attack-options.js';

/** Data that leaves in smaller pieces. */
export const LEAVING: readonly Sweep[] = [
  {
    detectors: ['dns-tunnel'],
    kind: 'dns-tunnel',
    changed: 'questions a minute, 90 bytes in each',
    values: [600, 30, 6, 4, 2],
    options: (perMinute) => alone('dns-tunnel', lasting(perMinute / 60, 900, 250)),
    price: 'less than 400 bytes a minute',
  },
  {
    detectors: ['icmp-tunnel'],
    kind: 'icmp-tunnel',
    changed: 'exchanges a minute, 470 bytes in each',
    values: [360, 6, 1.2, 0.8, 0.4],
    options: (perMinute) => alone('icmp-tunnel', lasting(perMinute / 60, 900, 120)),
    price: 'less than 400 bytes a minute',
  },
  {
    detectors: ['data-exfiltration'],
    kind: 'data-exfiltration',
    changed: 'MB in 210 pieces within three minutes, by a known host',
    values: [6, 5.2, 4.5],
    options: (megabytes) => ({
      ...{ kind: 'data-exfiltration', hosts: 2, calm: 200, packets: 210, snapLengthBytes: 66 },
      bytes: Math.round((megabytes * 1e6) / 210),
    }),
    price: '25 MB an hour; in fewer pieces 250 MB an hour',
  },
];
