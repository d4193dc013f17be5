import type { Sweep } from '../sweep.js';
import { alone, lasting } from './attack-options.js';

/** What somebody does on the own network, more rarely. */
export const LOCAL: readonly Sweep[] = [
  {
    detectors: ['arp-spoofing'],
    kind: 'arp-spoofing',
    changed: 'pairs of unasked answers a minute',
    values: [60, 6, 1, 0.2],
    options: (perMinute) => ({ kind: 'arp-spoofing', hosts: 8, ...lasting(perMinute / 60, 300, 30) }),
    price: 'the victim learns the true address in between',
  },
  {
    detectors: ['name-poisoning'],
    kind: 'rogue-server',
    changed: 'names answered for',
    values: [10, 4, 3],
    options: (packets) => alone('name-poisoning', { packets }),
    price: 'three names, of which wpad may be one',
  },
  {
    detectors: ['rare-destination'],
    kind: 'rare-destination',
    changed: 'kB exchanged with a network outside where nobody went',
    values: [1400, 1000, 800],
    options: (kilobytes) => ({ kind: 'rare-destination', bytes: 500 * kilobytes }),
    price: 'a new place for each 900 kB',
  },
  {
    detectors: ['host-unlike-itself'],
    kind: 'anomaly',
    changed: 'connections in an hour of a host that has made hardly any',
    values: [240, 90, 30, 15],
    options: (packets) => ({ kind: 'host-unlike-itself', packets }),
    price: 'fewer than twenty places an hour',
  },
  {
    detectors: ['new-device'],
    kind: 'new-device',
    changed: 'questions of a machine that was never here, in all',
    values: [2, 1],
    options: (packets) => ({ kind: 'new-device', packets }),
    price: 'the card address of a machine that is known',
  },
  {
    detectors: ['rogue-server'],
    kind: 'rogue-server',
    changed: 'DHCP answers of a wrong server, in all',
    values: [4, 1],
    options: (packets) => ({ kind: 'rogue-server', packets }),
    price: 'none is left',
  },
  {
    detectors: ['protocol-violation'],
    kind: 'protocol-violation',
    changed: 'fragments that overlap, in all',
    values: [20, 3, 1],
    options: (packets) => alone('protocol-violation', { packets }),
    price: 'none is left',
  },
  {
    detectors: ['protocol-violation'],
    kind: 'protocol-violation',
    changed: 'broken DNS questions, in all',
    values: [20, 10, 6],
    options: (packets) => alone('protocol-violation', { technique: 'dns', packets }),
    price: 'a handful of tries at a server',
  },
  {
    detectors: ['traffic-stopped'],
    kind: 'anomaly',
    changed: 'polls in vain at a service that was polled each 25 s',
    values: [30, 20, 15],
    options: (packets) => ({ kind: 'traffic-stopped', packets }),
    price: 'a service that is away for six minutes only',
  },
];
