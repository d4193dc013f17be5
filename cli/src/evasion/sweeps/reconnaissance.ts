import type { Sweep } from '../sweep.js';
import { alone, lasting } from './attack-options.js';

/** Scans and sweeps that go slower, or come from several. */
export const RECONNAISSANCE: readonly Sweep[] = [
  {
    detectors: ['port-scan', 'slow-scan'],
    kind: 'port-scan',
    changed: 'ports a minute, one source',
    values: [600, 60, 6, 1.2, 0.6, 0.4, 0.3],
    options: (perMinute) => ({ kind: 'port-scan', hosts: 4, calm: 60, ...lasting(perMinute / 60, 7200, 400) }),
    price: 'a thousand ports take 42 hours',
  },
  {
    detectors: ['port-scan', 'distributed-scan'],
    kind: 'port-scan',
    changed: 'ports a minute, 30 sources together',
    values: [3000, 300, 60, 36, 30],
    options: (perMinute) => alone('port-scan', { sources: 30, ...lasting(perMinute / 60, 600, 400) }),
    price: 'thirty machines, and half an hour for a thousand ports',
  },
  {
    detectors: ['address-sweep'],
    kind: 'address-sweep',
    changed: 'hosts a minute, one TCP port',
    values: [600, 60, 20, 10, 6],
    options: (perMinute) => alone('port-scan', { technique: 'horizontal', ...lasting(perMinute / 60, 1800, 300) }),
    price: 'a network of 254 takes 40 minutes',
  },
  {
    detectors: ['address-sweep'],
    kind: 'address-sweep',
    changed: 'pings a minute',
    values: [1500, 60, 20, 10, 6],
    options: (perMinute) => alone('address-sweep', lasting(perMinute / 60, 1800, 300)),
    price: 'a network of 254 takes 40 minutes',
  },
  {
    detectors: ['arp-sweep'],
    kind: 'address-sweep',
    changed: 'ARP questions a minute',
    values: [1500, 120, 60, 45],
    options: (perMinute) => alone('address-sweep', { technique: 'arp', ...lasting(perMinute / 60, 600, 500) }),
    price: 'a network of 254 takes six minutes',
  },
  {
    detectors: ['web-probing'],
    kind: 'exploit',
    changed: 'wrong paths a minute',
    values: [480, 60, 9, 5, 3.5, 2],
    options: (perMinute) => alone('web-probing', lasting(perMinute / 60, 600, 128)),
    price: 'a list of 5,000 words takes a day',
  },
  {
    detectors: ['service-probes'],
    kind: 'port-scan',
    changed: 'requests of a scanner in all',
    values: [100, 10, 1],
    options: (packets) => alone('web-probing', { technique: 'probes', packets }),
    price: 'none is left',
  },
  {
    detectors: ['web-attack'],
    kind: 'exploit',
    changed: 'requests with code in them, in all',
    values: [100, 10, 1],
    options: (packets) => alone('web-probing', { technique: 'injection', packets }),
    price: 'none is left',
  },
  {
    detectors: ['reverse-look-ups'],
    kind: 'address-sweep',
    changed: 'names of addresses asked for, a minute',
    values: [600, 60, 14, 12],
    options: (perMinute) => ({
      kind: 'address-sweep',
      technique: 'names',
      hosts: 4,
      calm: 20,
      ...lasting(perMinute / 60, 1200, 250),
    }),
    price: 'a network of 256 addresses takes 21 minutes',
  },
];
