import type { Sweep } from '../sweep.js';
import { alone, lasting } from './attack-options.js';

/** Programs that call less often, or less evenly. */
export const CONTROL: readonly Sweep[] = [
  {
    detectors: ['beacon'],
    kind: 'beacon',
    changed: 'jitter of a call every 10 s, share of the gap',
    values: [0, 0.2, 0.4, 0.6, 0.8, 1],
    options: (jitter) => alone('beacon', { jitter, packets: 60 }),
    price: 'nothing',
  },
  {
    detectors: ['beacon'],
    kind: 'beacon',
    changed: 'calls in all, one a minute, jitter 0.2',
    values: [60, 24, 16, 12],
    options: (packets) => alone('beacon', { packets, packetsPerSecond: 1 / 60 }),
    price: 'a new destination every twelve calls',
  },
  {
    detectors: ['http-gate', 'http-control'],
    kind: 'command-and-control',
    changed: 'visits to the gate a minute, a program every fourth',
    values: [30, 2, 0.5, 0.25, 0.1],
    options: (perMinute) => alone('command-and-control', lasting(perMinute / 60, 2400, 12)),
    price: 'orders that come a quarter of an hour late; or TLS',
  },
  {
    detectors: ['irc-control'],
    kind: 'command-and-control',
    changed: 'how orders come, a dozen of them',
    ways: {
      'by chat': alone('command-and-control', { technique: 'irc', packets: 12 }),
      'in one TLS connection': alone('long-connection', { packets: 12 }),
    },
    price: 'a server that speaks TLS',
  },
  {
    detectors: ['mining'],
    kind: 'malware',
    changed: 'how the pool is spoken to, eight times',
    ways: {
      plainly: alone('mining', { packets: 8 }),
      'plainly to the port of HTTPS': alone('mining', { packets: 8, targetPort: 443 }),
      'in one TLS connection': alone('long-connection', { packets: 8 }),
    },
    price: 'nothing: most pools offer TLS; for four hours at a time (`long-connection`)',
  },
  {
    detectors: ['doh'],
    kind: 'rare-destination',
    changed: 'connections to an encrypted resolver, in all',
    values: [3, 1],
    options: (packets) => ({ kind: 'doh', packets }),
    price: 'none is left',
  },
  {
    detectors: ['rare-tls-client'],
    kind: 'rare-tls-client',
    changed: 'connections of a new program, in all',
    values: [3, 1],
    options: (packets) => ({ kind: 'rare-tls-client', packets }),
    price: 'none is left',
  },
  {
    detectors: ['generated-domains'],
    kind: 'generated-domains',
    changed: 'made-up names a minute',
    values: [240, 12, 3, 2, 1],
    options: (perMinute) => alone('generated-domains', lasting(perMinute / 60, 900, 60)),
    price: 'a list of 1,000 names takes eleven hours',
  },
  {
    detectors: ['spam-sender'],
    kind: 'spam',
    changed: 'mail servers a minute',
    values: [120, 12, 3, 2, 1],
    options: (perMinute) => alone('spam', lasting(perMinute / 60, 1800, 60)),
    price: 'three thousand messages a day',
  },
  {
    detectors: ['long-connection'],
    kind: 'long-connection',
    changed: 'hours of one connection',
    values: [4.5, 4.1, 3.5],
    options: (hours) => alone('long-connection', { packets: Math.ceil(hours * 43.2), jitter: 0 }),
    price: 'a new connection now and then',
  },
  {
    detectors: ['high-entropy'],
    kind: 'high-entropy-payload',
    changed: 'flows of random bytes to port 80 within five minutes',
    values: [5, 3, 2],
    options: (flows) => alone('high-entropy', { packets: 50 * flows }),
    price: 'nothing, if one connection is enough',
  },
];
