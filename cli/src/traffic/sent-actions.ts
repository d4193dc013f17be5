import { tunnelName } from './attacks/dns-tunnel.js';
import { httpRequest } from './background/web.js';
import { type TrafficKind, TrafficOptionError, type TrafficOptions } from './options.js';
import { Random } from './random.js';
import { ascii } from './wire/bytes.js';
import { DnsType, dnsQuery } from './wire/dns.js';

/** One thing that is sent. */
export type SentAction =
  | { readonly kind: 'connection'; readonly port: number; readonly payload: Uint8Array | undefined }
  | { readonly kind: 'datagram'; readonly port: number; readonly payload: Uint8Array };

/** How many connections or datagrams are sent unless told otherwise, by the kinds that can be sent. */
export const DEFAULT_ACTIONS: Readonly<Partial<Record<TrafficKind, number>>> = {
  benign: 50,
  'syn-flood': 1000,
  'port-scan': 500,
  'high-entropy': 200,
  'dns-tunnel': 200,
  'brute-force': 60,
};

const GREETINGS = {
  ssh: 'SSH-2.0-libssh_0.10.6\r\n',
  ftp: 'USER admin\r\nPASS guess\r\n',
  telnet: 'admin\r\nguess\r\n',
  rdp: '\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00',
  'http-login':
    'POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 26\r\nConnection: close\r\n\r\nuser=admin&password=guess!',
  'http-basic':
    'GET /admin/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic YWRtaW46Z3Vlc3M=\r\nConnection: close\r\n\r\n',
  imap: 'a1 LOGIN admin guess\r\n',
  pop3: 'USER admin\r\nPASS guess\r\n',
  mysql: '\x05\x00\x00\x01guess',
  postgresql: '\x00\x00\x00\x08\x04\xd2\x16\x2f',
  smb: '\x00\x00\x00\x04\xfeSMB',
  ldap: '\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00',
} as const;

/** The `count` actions for a kind. Throws TrafficOptionError for what plain sockets cannot send. */
export function sentActions(options: TrafficOptions & { readonly port: number }, count: number): SentAction[] {
  const random = new Random(options.seed ?? 1, `send ${options.kind}`);
  const action = actionMaker(options, random);
  return Array.from({ length: count }, (_, index) => action(index));
}

type ActionMaker = (index: number) => SentAction;

function actionMaker(options: TrafficOptions & { readonly port: number }, random: Random): ActionMaker {
  const { port } = options;
  switch (options.kind) {
    case 'benign':
      return () => ({ kind: 'connection', port, payload: httpRequest('localhost', '/') });
    case 'syn-flood':
      return () => ({ kind: 'connection', port, payload: undefined });
    case 'port-scan':
      return scanMaker(options, port);
    case 'high-entropy':
      return () => ({ kind: 'connection', port, payload: random.bytes(random.between(300, 1400)) });
    case 'dns-tunnel':
      return () => ({ kind: 'datagram', port, payload: tunnelQuery(random) });
    case 'brute-force':
      return () => ({ kind: 'connection', port, payload: ascii(GREETINGS[options.service ?? 'ssh']) });
    default:
      throw new TrafficOptionError(
        `"${options.kind}" cannot be sent to one port with plain sockets; choose one of ${Object.keys(DEFAULT_ACTIONS).join(', ')}`,
      );
  }
}

function scanMaker(options: TrafficOptions, firstPort: number): ActionMaker {
  const technique = options.technique ?? 'connect';
  const portAt = (index: number) => 1 + ((firstPort - 1 + index) % 65535);
  if (technique === 'udp') return (index) => ({ kind: 'datagram', port: portAt(index), payload: new Uint8Array(0) });
  if (technique === 'connect') return (index) => ({ kind: 'connection', port: portAt(index), payload: undefined });
  throw new TrafficOptionError(`a "${technique}" scan needs raw sockets; when sending, choose connect or udp`);
}

function tunnelQuery(random: Random): Uint8Array {
  const name = tunnelName(random, random.between(60, 120));
  return dnsQuery({ id: random.between(0, 65535), name, type: DnsType.txt });
}
