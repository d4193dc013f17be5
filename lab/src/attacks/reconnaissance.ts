import { addressOf } from '../network.js';
import { type Attack, INSIDER, ownAttacker, WEB } from './attack.js';

const POLITE = ['-n', '-Pn', '--max-retries', '1'];
const NETWORK = '10.77.0.0/24';
const OUTSIDE = '198.51.100.0/24';

/** A scan of one host's ports with nmap. */
function portScan(mode: string, options: readonly string[], limitS = 20): Attack {
  return portScanFrom('attacker', ownAttacker(), { mode, options, limitS });
}

interface Scan {
  readonly mode: string;
  readonly options: readonly string[];
  readonly limitS: number;
}

function portScanFrom(machine: string, attacker: string, { mode, options, limitS }: Scan): Attack {
  return {
    name: `nmap-${mode}`,
    label: `port_scan_nmap_${mode}`,
    category: 'scan',
    attacker,
    victim: WEB,
    filter: `host ${attacker} and host ${WEB}`,
    limitS,
    tools: ['nmap'],
    note: `nmap ${options.join(' ')}`,
    run: (stage) => stage.run(machine, ['nmap', ...POLITE, ...options, WEB], limitS),
  };
}

interface Sweep {
  readonly name: string;
  readonly machine: string;
  readonly argv: readonly string[];
  readonly victim?: string;
  /** What its packets are, besides being its host's. */
  readonly filter: string;
}

/** A search for hosts. Of one from outside, the sensor inside sees only the questions of the router for who is there. */
function sweep({ name, machine, argv, filter, victim = NETWORK }: Sweep): Attack {
  const attacker = machine === 'attacker' ? ownAttacker() : addressOf(machine);
  const seen =
    machine === 'attacker' ? `(host ${attacker} or arp src host ${addressOf('router')})` : `host ${attacker}`;
  return {
    name,
    label: `address_sweep_${name.replaceAll('-', '_')}`,
    category: 'scan',
    attacker,
    victim,
    filter: filter === 'icmp6' ? filter : `(${filter}) and ${seen}`,
    limitS: 20,
    tools: [argv[0]!],
    note: argv.join(' '),
    run: (stage) => stage.run(machine, argv, 20),
  };
}

const decoys = ['203.0.113.20', '203.0.113.21', '203.0.113.22', '203.0.113.23', '203.0.113.24', '203.0.113.25'];

/** Port scans in the modes of nmap, and sweeps by ICMP, TCP, ARP and IPv6 neighbour discovery. */
export const RECONNAISSANCE: readonly Attack[] = [
  portScan('syn', ['-sS', '-p', '1-1000', '--max-rate', '150']),
  portScan('connect', ['-sT', '-p', '1-500', '--max-rate', '100']),
  portScan('udp', ['-sU', '-p', '1-200', '--max-rate', '30']),
  portScan('fin', ['-sF', '-p', '1-300', '--max-rate', '100']),
  portScan('null', ['-sN', '-p', '1-300', '--max-rate', '100']),
  portScan('xmas', ['-sX', '-p', '1-300', '--max-rate', '100']),
  portScan('ack', ['-sA', '-p', '1-300', '--max-rate', '100']),
  portScan('sctp', ['-sY', '-p', '1-200', '--max-rate', '50']),
  portScan('versions', ['-sV', '-p', '20-120', '--version-intensity', '2'], 25),
  {
    ...portScanFrom('patient1', addressOf('patient1'), {
      mode: 'slow',
      options: ['-sS', '-p', '20-44', '--scan-delay', '3s', '--max-retries', '0'],
      limitS: 85,
    }),
    isAlongside: true,
  },
  {
    ...portScan('decoys', ['-sS', '-p', '1-200', '--max-rate', '150', '-D', decoys.join(',')]),
    filter: `net 203.0.113.0/24 and host ${WEB}`,
  },
  sweep({
    name: 'icmp-sweep',
    machine: 'attacker',
    argv: ['nmap', '-n', '-sn', '-PE', '--max-rate', '40', '--max-retries', '0', NETWORK],
    filter: 'icmp or arp',
  }),
  sweep({
    name: 'tcp-sweep',
    machine: 'attacker',
    argv: ['nmap', ...POLITE, '-sS', '-p', '445', '--max-rate', '60', NETWORK],
    filter: 'tcp port 445 or arp',
  }),
  sweep({
    name: 'telnet-outward',
    machine: 'client2',
    argv: ['nmap', ...POLITE, '-sS', '-p', '23', '--max-rate', '60', OUTSIDE],
    filter: 'tcp port 23',
    victim: OUTSIDE,
  }),
  sweep({
    name: 'snmp-outward',
    machine: 'client2',
    argv: ['nmap', ...POLITE, '-sU', '-p', '161', '--max-rate', '40', OUTSIDE],
    filter: 'udp port 161 or icmp',
    victim: OUTSIDE,
  }),
  sweep({
    name: 'arp-sweep',
    machine: 'insider',
    argv: ['nmap', '-n', '-sn', '--max-retries', '0', NETWORK],
    filter: 'arp',
  }),
  sweep({
    name: 'arp-scan',
    machine: 'insider',
    argv: ['arp-scan', '-I', 'eth0', '--retry=1', NETWORK],
    filter: 'arp',
  }),
  sweep({
    name: 'neighbour-sweep',
    machine: 'insider',
    argv: ['nmap', '-6', '-n', '-sn', '-e', 'eth0', '--max-retries', '0', 'fe80::aff:fe4d:0/120'],
    filter: 'icmp6',
    victim: 'fe80::/64',
  }),
  {
    name: 'port-by-port',
    label: 'port_scan_paced',
    category: 'scan',
    attacker: addressOf('insider'),
    victim: addressOf('files'),
    filter: `host ${INSIDER} and host ${addressOf('files')}`,
    limitS: 400,
    isAlongside: true,
    tools: ['nmap'],
    note: 'one port every ten seconds',
    run: async (stage) => {
      for (let port = 100; port < 140; port++) {
        await stage.run('insider', ['nmap', ...POLITE, '-sS', '-p', String(port), addressOf('files')]);
        await stage.pause(10);
      }
    },
  },
];
