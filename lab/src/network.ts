/** A machine of the laboratory: one network namespace with one link, or two for the router. */
export interface Machine {
  readonly name: string;
  readonly links: readonly Link[];
  readonly role: string;
}

/** A link to one of the two switches, with every address it answers to; the first one is the machine's own. */
export interface Link {
  readonly side: 'inside' | 'outside';
  readonly addresses: readonly string[];
}

/** One command that builds or removes a part of the network. */
export type Command = readonly [program: string, ...args: string[]];

/** Names of all namespaces of the laboratory begin so. One laboratory runs at a time. */
export const NAMESPACE_PREFIX = 'weirlab-';

/** The company's network: private addresses (RFC 1918). */
const INSIDE_NETWORK = '10.77.0.0/24';
/** The rest of the world: documentation addresses (RFC 5737). */
const OUTSIDE_NETWORKS = ['198.51.100.0/24', '203.0.113.0/24'] as const;
/** What iodine lays through DNS between two machines. */
const TUNNEL_NETWORK = '10.99.0.0/24';

/** All networks that a program of the laboratory may speak to; all end in its own namespaces. */
export const LAB_NETWORKS: readonly string[] = [INSIDE_NETWORK, ...OUTSIDE_NETWORKS, TUNNEL_NETWORK];

/** Where the switches are, and where the sensor listens to a copy of all that enters the inside switch. */
export const SWITCH_NAMESPACE = `${NAMESPACE_PREFIX}switch`;
export const SENSOR_NAMESPACE = `${NAMESPACE_PREFIX}sensor`;
export const SENSOR_INTERFACE = 'mirror';

/** Sites of the outside world have `198.51.100.11` and the following addresses. */
export const SITE_COUNT = 20;
export const REFLECTOR_COUNT = 20;
/** The attacker outside has an address for each attack, so that each is judged on its own. */
export const ATTACKER_COUNT = 60;

const inside = (name: string, last: number, role: string): Machine => ({
  name,
  role,
  links: [{ side: 'inside', addresses: [`10.77.0.${last}`] }],
});

const outside = (name: string, addresses: readonly string[], role: string): Machine => ({
  name,
  role,
  links: [{ side: 'outside', addresses }],
});

const run = (first: string, count: number): string[] => {
  const network = first.slice(0, first.lastIndexOf('.'));
  const start = Number(first.slice(network.length + 1));
  return Array.from({ length: count }, (_, index) => `${network}.${start + index}`);
};

/** A router that an attack announces gets no route on any machine. */
const NO_ADVERTISEMENTS = ['net.ipv6.conf.all.accept_ra=0', 'net.ipv6.conf.default.accept_ra=0'];

/** Every machine. */
export const MACHINES: readonly Machine[] = [
  {
    name: 'router',
    role: 'router to the outside',
    links: [
      { side: 'inside', addresses: ['10.77.0.1'] },
      { side: 'outside', addresses: ['198.51.100.1', '203.0.113.1'] },
    ],
  },
  inside('dns', 53, 'resolver'),
  inside('web', 80, 'web server'),
  inside('ssh', 22, 'SSH server'),
  inside('ftp', 21, 'FTP server'),
  inside('mail', 25, 'mail server'),
  inside('files', 20, 'file server: rsync and SSH'),
  inside('client1', 101, 'desk'),
  inside('client2', 102, 'desk'),
  inside('client3', 103, 'desk'),
  inside('client4', 104, 'desk'),
  inside('insider', 66, 'attacker on the inside'),
  outside('sites', run('198.51.100.11', SITE_COUNT), 'web sites and downloads'),
  outside('names', ['198.51.100.53'], 'name server of the sites'),
  outside('time', ['198.51.100.123'], 'NTP server'),
  outside('reflectors', run('198.51.100.201', REFLECTOR_COUNT), 'open UDP services that answer much to little'),
  outside('attacker', run('203.0.113.100', ATTACKER_COUNT), 'attacker on the outside'),
  outside('patient1', ['203.0.113.50'], 'attacker who takes time'),
  outside('patient2', ['203.0.113.51'], 'attacker who takes time'),
  outside('control', ['203.0.113.66', '203.0.113.67'], 'what infected desks and tunnels report to'),
];

/** The machines that people work at. */
export const CLIENTS = ['client1', 'client2', 'client3', 'client4'] as const;

/** The namespace of a machine. */
export function namespaceOf(name: string): string {
  return `${NAMESPACE_PREFIX}${name}`;
}

/** The first address of a machine. Throws when there is no such machine. */
export function addressOf(name: string): string {
  const machine = MACHINES.find((candidate) => candidate.name === name);
  if (!machine) throw new Error(`the laboratory has no machine "${name}"`);
  return machine.links[0]!.addresses[0]!;
}

/** What builds the network, in order. Nothing of it touches the namespace that the laboratory is started in. */
export function buildCommands(): Command[] {
  return [...switchCommands(), ...MACHINES.flatMap(machineCommands)];
}

function switchCommands(): Command[] {
  const bridges = ['inside', 'outside'].flatMap((side): Command[] => [
    ['ip', '-n', SWITCH_NAMESPACE, 'link', 'add', side, 'type', 'bridge', 'mcast_snooping', '0'],
    ['ip', '-n', SWITCH_NAMESPACE, 'link', 'set', side, 'addrgenmode', 'none', 'up'],
  ]);
  const peer = ['type', 'veth', 'peer', 'name', SENSOR_INTERFACE, 'netns', SENSOR_NAMESPACE];
  return [
    ['ip', 'netns', 'add', SWITCH_NAMESPACE],
    ['ip', 'netns', 'add', SENSOR_NAMESPACE],
    ...bridges,
    ['ip', '-n', SWITCH_NAMESPACE, 'link', 'add', SENSOR_INTERFACE, ...peer],
    ['ip', '-n', SWITCH_NAMESPACE, 'link', 'set', SENSOR_INTERFACE, 'addrgenmode', 'none', 'up'],
    ['ip', '-n', SENSOR_NAMESPACE, 'link', 'set', SENSOR_INTERFACE, 'addrgenmode', 'none', 'up'],
  ];
}

function machineCommands(machine: Machine): Command[] {
  const namespace = namespaceOf(machine.name);
  const settings = ['net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0', ...NO_ADVERTISEMENTS];
  if (machine.name === 'router') settings.push('net.ipv4.ip_forward=1', 'net.ipv4.conf.all.send_redirects=0');
  return [
    ['ip', 'netns', 'add', namespace],
    ['ip', '-n', namespace, 'link', 'set', 'lo', 'up'],
    ['ip', 'netns', 'exec', namespace, 'sysctl', '-q', '-w', ...settings],
    ...machine.links.flatMap((link, index) => linkCommands(machine, link, index)),
    ...(machine.name === 'router' ? [] : routeCommands(namespace, machine.links[0]!)),
  ];
}

function linkCommands({ name }: Machine, link: Link, index: number): Command[] {
  const namespace = namespaceOf(name);
  const device = `eth${index}`;
  const port = `${name}-${index}`;
  const [own, ...others] = link.addresses;
  const peer = ['type', 'veth', 'peer', 'name', device, 'address', macOf(own!), 'netns', namespace];
  return [
    ['ip', '-n', SWITCH_NAMESPACE, 'link', 'add', port, ...peer],
    ['ip', '-n', SWITCH_NAMESPACE, 'link', 'set', port, 'addrgenmode', 'none', 'master', link.side, 'up'],
    ['ip', '-n', namespace, 'link', 'set', device, 'up'],
    ...[own!, ...others].map(
      (address): Command => ['ip', '-n', namespace, 'addr', 'add', `${address}/24`, 'dev', device],
    ),
    // A sensor on a wire sees frames as they are on it: no segments joined, checksums filled in.
    ['ip', 'netns', 'exec', namespace, 'ethtool', '-K', device, 'tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off'],
    ...(link.side === 'inside' ? mirrorCommands(port) : []),
  ];
}

/** Copies what enters the switch by `port` to the sensor; each frame enters by one port, so it is seen once. */
function mirrorCommands(port: string): Command[] {
  const copy = ['action', 'mirred', 'egress', 'mirror', 'dev', SENSOR_INTERFACE];
  return [
    ['tc', '-n', SWITCH_NAMESPACE, 'qdisc', 'add', 'dev', port, 'clsact'],
    [
      'tc',
      '-n',
      SWITCH_NAMESPACE,
      'filter',
      'add',
      'dev',
      port,
      'ingress',
      'protocol',
      'all',
      'prio',
      '1',
      'u32',
      'match',
      'u32',
      '0',
      '0',
      ...copy,
    ],
  ];
}

/** Routes to the other networks by name, and no default route: what is not the laboratory's has no way out. */
function routeCommands(namespace: string, link: Link): Command[] {
  const own = networkOf(link.addresses[0]!);
  const gateway = own.replace(/0\/24$/, '1');
  return [INSIDE_NETWORK, ...OUTSIDE_NETWORKS]
    .filter((network) => network !== own)
    .map((network) => ['ip', '-n', namespace, 'route', 'add', network, 'via', gateway]);
}

/** Lets the attacker outside speak with one of its addresses from now on. */
export function attackFromCommand(address: string): Command {
  const route = [INSIDE_NETWORK, 'via', '203.0.113.1', 'src', address];
  return ['ip', '-n', namespaceOf('attacker'), 'route', 'replace', ...route];
}

/** The /24 of an address. */
export function networkOf(address: string): string {
  return `${address.split('.').slice(0, 3).join('.')}.0/24`;
}

/** A locally administered MAC address (IEEE 802) that shows the IPv4 address. */
export function macOf(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return ['02', '00', ...bytes].join(':');
}
