import { Type } from '@sinclair/typebox';
import { section, share, whole } from './setting-types.js';

/** Thresholds of the detectors that read HTTP requests alone. */
export const WEB_SETTINGS = {
  webProbing: section(
    {
      errors: whole(
        20,
        'response',
        'Requests of one client that one web server refused as faulty (4xx, 5xx), in five minutes',
      ),
      paths: whole(20, 'path', 'Distinct paths asked for'),
      errorShare: share(0.5, 'Least share of errors among the answers'),
    },
    'Path after path that a web server does not have',
  ),
  webAttack: section(
    {
      requests: whole(
        1,
        'request',
        'Different requests of one client to one web server that carry an attack, in five minutes',
      ),
    },
    'Requests that carry what only an attack needs',
  ),
  httpControl: section(
    {
      weight: Type.Number({
        default: 4,
        minimum: 1,
        maximum: 20,
        unit: '1',
        description: 'Least weight of the signs of a bot in one request and in what came back',
      }),
      servers: whole(5, 'host', 'Servers outside that a nameless program asks for one path, in five minutes'),
    },
    'Single requests as bots make them',
  ),
  httpFlood: section(
    {
      requests: whole(1_000, 'request', 'Requests of one client to one web server in ten seconds'),
    },
    'HTTP requests in numbers that only exhaust',
  ),
  httpGate: section(
    {
      posts: whole(2, 'request', 'Posts to a script in five minutes'),
      programs: whole(1, 'file', 'Distinct programs fetched from the same server'),
      scripts: whole(12, 'request', 'Requests for scripts of at least two kinds, without programs'),
    },
    'A bot that reports to a script and fetches programs',
  ),
};
