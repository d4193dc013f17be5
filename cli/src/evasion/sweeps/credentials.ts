import type { Sweep } from '../sweep.js';
import { alone, lasting } from './attack-options.js';

/** Guesses that come slower. */
export const CREDENTIALS: readonly Sweep[] = [
  {
    detectors: ['password-guessing'],
    kind: 'password-guessing',
    changed: 'SSH connections a minute',
    values: [120, 12, 2, 1, 0.7],
    options: (perMinute) => alone('brute-force', lasting(perMinute / 60, 900, 60)),
    price: 'two guesses a minute',
  },
  {
    detectors: ['login-failures'],
    kind: 'password-guessing',
    changed: 'FTP connections a minute, three guesses each',
    values: [120, 6, 0.7, 0.3, 0.1],
    options: (perMinute) => alone('brute-force', { service: 'ftp', ...lasting(perMinute / 60, 2400, 60) }),
    price: 'a guess in three minutes',
  },
  {
    detectors: ['login-failures'],
    kind: 'password-guessing',
    changed: 'FTP guesses a minute over six servers',
    values: [60, 6, 2, 1.2, 0.8],
    options: (perMinute) => alone('password-spraying', lasting(perMinute / 60, 900, 60)),
    price: 'a guess a minute',
  },
  {
    detectors: ['login-spraying'],
    kind: 'password-guessing',
    changed: 'SSH sessions a minute over six servers, two guesses each',
    values: [60, 6, 3, 2, 1],
    options: (perMinute) => alone('password-spraying', { technique: 'ssh', ...lasting(perMinute / 60, 900, 60) }),
    price: 'four guesses a minute',
  },
  {
    detectors: ['login-fan-out'],
    kind: 'lateral-movement',
    changed: 'machines entered over SSH within a minute',
    values: [12, 6, 4, 3],
    options: (packets) => alone('lateral-movement', { technique: 'ssh', packets }),
    price: 'a few machines every five minutes',
  },
  {
    detectors: ['rpc-refusals'],
    kind: 'lateral-movement',
    changed: 'refused calls a minute',
    values: [600, 60, 10, 5, 4, 3],
    options: (perMinute) => alone('lateral-movement', { technique: 'rpc', ...lasting(perMinute / 60, 900, 60) }),
    price: 'three calls a minute: of the 256 that such an attack needs, more than an hour',
  },
  {
    detectors: ['account-listing'],
    kind: 'lateral-movement',
    changed: 'machines whose accounts are listed in five minutes',
    values: [60, 12, 6, 4],
    options: (machines) => alone('lateral-movement', { technique: 'listing', ...lasting(machines / 300, 900, 20) }),
    price: 'four machines in five minutes',
  },
  {
    detectors: ['smb-control'],
    kind: 'lateral-movement',
    changed: 'machines that are taken over SMB',
    values: [12, 3, 1],
    options: (packets) => alone('lateral-movement', { technique: 'smb', packets }),
    price: 'none is left',
  },
  {
    detectors: ['smb-control'],
    kind: 'lateral-movement',
    changed: 'how a program is started on each of four machines',
    ways: {
      'from an administrative share': alone('lateral-movement', { technique: 'smb', packets: 4 }),
      'as a service that is made by remote calls': alone('lateral-movement', { technique: 'service', packets: 4 }),
      'over WinRM': alone('lateral-movement', { technique: 'winrm', packets: 4 }),
    },
    price: 'machines that allow WinRM; and no more than four of them in five minutes (`login-fan-out`)',
  },
  {
    detectors: ['http-guessing'],
    kind: 'password-guessing',
    changed: 'posts to a login form a minute',
    values: [120, 12, 3, 2],
    options: (perMinute) => alone('brute-force', { service: 'http-login', ...lasting(perMinute / 60, 900, 60) }),
    price: 'two guesses a minute',
  },
];
