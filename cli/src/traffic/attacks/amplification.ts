/** Reflection: answers of services to questions that somebody asked in the victim's name (Rossow, NDSS 2014). */
import type { Play } from '../simulation.js';
import { ascii, concat } from '../wire/bytes.js';
import { DnsType, dnsAnswer, txtData } from '../wire/dns.js';
import { TcpFlag, tcpFrame, udpFrame } from '../wire/frame.js';
import { type Endpoint, endpoint } from '../wire/host.js';
import { type AttackKind, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, oneOfMany } from './cast.js';

interface Reflector {
  readonly port: number;
  /** Makes its answers, each a frame from a reflector to the victim with so many bytes of payload. */
  answers(stage: AttackStage): (from: Endpoint, to: Endpoint, bytes: number) => Uint8Array;
}

const LETTERS = 'the quick brown fox jumps over the lazy dog 0123456789 ';

function dnsFlood(stage: AttackStage): Uint8Array {
  const question = { id: stage.random.between(0, 65_535), name: 'any.example.org', type: 255 };
  const data = txtData(LETTERS.repeat(4));
  return dnsAnswer(
    question,
    Array.from({ length: 5 }, () => ({ type: DnsType.txt, data, ttlS: 3600 })),
  );
}

/** A search result entry of LDAP (RFC 4511, 4.5.2), cut short. */
const CLDAP_ENTRY = [0x30, 0x84, 0, 0, 5, 0xd0, 2, 1, 7, 0x64, 0x84, 0, 0, 5, 0xc7, 4, 0];
/** A response of SNMP version 2c for the community "public" (RFC 3416). */
const SNMP_RESPONSE = [0x30, 0x82, 4, 0xe0, 2, 1, 1, 4, 6, 0x70, 0x75, 0x62, 0x6c, 0x69, 0x63, 0xa2];

/** Answers of a service that begin with `head`; the rest is the same for all. */
function service(port: number, head: (stage: AttackStage) => Uint8Array): Reflector {
  return {
    port,
    answers(stage) {
      const begin = head(stage);
      return (from, to, bytes) => {
        const rest = ascii(LETTERS.repeat(Math.ceil(bytes / LETTERS.length)));
        return udpFrame(from, to, concat([begin, rest]).subarray(0, bytes));
      };
    },
  };
}

const REFLECTORS: Readonly<Record<string, Reflector>> = {
  dns: {
    port: 53,
    answers(stage) {
      const payload = dnsFlood(stage);
      return (from, to) => udpFrame(from, to, payload);
    },
  },
  // Mode 7, implementation 3, request 42: the list of monitored peers, as ntpd gave it before 4.2.7.
  ntp: service(123, () => Uint8Array.of(0xd7, 0, 3, 42, 0, 6, 0, 72)),
  ssdp: service(1900, () => ascii('HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: upnp:rootdevice\r\nEXT:\r\n')),
  cldap: service(389, () => Uint8Array.from(CLDAP_ENTRY)),
  memcached: service(11_211, () => concat([Uint8Array.of(0, 1, 0, 0, 0, 1, 0, 0), ascii('VALUE a 0 1380\r\n')])),
  chargen: service(19, () => ascii('!"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ')),
  // Header of IKE (RFC 2408, 3.1): cookies, next payload, version 1.0, main mode.
  isakmp: service(500, (stage) => concat([stage.random.bytes(16), Uint8Array.of(1, 0x10, 2, 0)])),
  snmp: service(161, () => Uint8Array.from(SNMP_RESPONSE)),
  // A service that Weir's list does not name: the first byte of a packet of OpenVPN that resets a session.
  unlisted: service(1194, () => Uint8Array.of(0x40)),
  // Of servers that answer SYNs which somebody sent in the victim's name, each from another port.
  'syn-ack': {
    port: 443,
    answers: (stage) => (from, to) => {
      const [sequence, acknowledgment] = [stage.random.between(0, 0xffff_ffff), stage.random.between(0, 0xffff_ffff)];
      const asked = { ...to, port: stage.random.between(1024, 65_535) };
      return tcpFrame({ from, to: asked, sequence, acknowledgment, flags: TcpFlag.syn | TcpFlag.ack, window: 64_240 });
    },
  },
};

function* reflect(stage: AttackStage, settings: AttackSettings, reflector: Reflector): Play {
  const { web } = stage.scene.network.servers;
  const to = endpoint(web, settings.targetPort);
  const answer = reflector.answers(stage);
  let index = 0;
  for (const timeUs of paced(stage, settings)) {
    const from = endpoint(oneOfMany(stage, index % settings.sources), reflector.port);
    yield { timeUs, bytes: answer(from, to, settings.bytes) };
    index += 1;
  }
}

/** A flood of large answers to a server that asked nothing. */
export const amplification = {
  name: 'amplification',
  summary: 'large answers of abused services to a server that asked nothing',
  unit: 'answers',
  techniques: Object.keys(REFLECTORS),
  defaults: { packets: 2400, packetsPerSecond: 500, sources: 40, targetPort: 40_123, bytes: 1200, jitter: 0.3 },
  start(stage, settings) {
    stage.scene.spawn(reflect(stage, settings, REFLECTORS[settings.technique]!), stage.startUs);
    return {
      label: `amplification_${settings.technique}`,
      category: 'amplification',
      attacker: `${settings.sources} reflectors`,
      victim: addressOf(stage.scene.network.servers.web),
      note: `${settings.packets} answers at ${settings.packetsPerSecond}/s`,
    };
  },
} as const satisfies AttackKind;
