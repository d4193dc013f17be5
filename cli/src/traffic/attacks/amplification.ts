/** Reflection: answers of services to questions that somebody asked in the victim's name (Rossow, NDSS 2014). */
import type { Play } from '../simulation.js';
import { ascii, concat } from '../wire/bytes.js';
import { DnsType, dnsAnswer, txtData } from '../wire/dns.js';
import { udpFrame } from '../wire/frame.js';
import { endpoint } from '../wire/host.js';
import { type AttackKind, type AttackSettings, type AttackStage, paced } from './attack.js';
import { addressOf, oneOfMany } from './cast.js';

interface Reflector {
  readonly port: number;
  /** What its answers begin with; the rest is the same for all. */
  answer(stage: AttackStage): Uint8Array;
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

const REFLECTORS: Readonly<Record<string, Reflector>> = {
  dns: { port: 53, answer: dnsFlood },
  // Mode 7, implementation 3, request 42: the list of monitored peers, as ntpd gave it before 4.2.7.
  ntp: { port: 123, answer: () => Uint8Array.of(0xd7, 0, 3, 42, 0, 6, 0, 72) },
  ssdp: {
    port: 1900,
    answer: () => ascii('HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: upnp:rootdevice\r\nEXT:\r\n'),
  },
  cldap: { port: 389, answer: () => Uint8Array.from(CLDAP_ENTRY) },
  memcached: {
    port: 11_211,
    answer: () => concat([Uint8Array.of(0, 1, 0, 0, 0, 1, 0, 0), ascii('VALUE a 0 1380\r\n')]),
  },
  chargen: { port: 19, answer: () => ascii('!"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ') },
  // Header of IKE (RFC 2408, 3.1): cookies, next payload, version 1.0, main mode.
  isakmp: { port: 500, answer: (stage) => concat([stage.random.bytes(16), Uint8Array.of(1, 0x10, 2, 0)]) },
  snmp: { port: 161, answer: () => Uint8Array.from(SNMP_RESPONSE) },
};

function* reflect(stage: AttackStage, settings: AttackSettings, reflector: Reflector): Play {
  const { web } = stage.scene.network.servers;
  const to = endpoint(web, settings.targetPort);
  const head = reflector.answer(stage);
  const rest = ascii(LETTERS.repeat(Math.ceil(settings.bytes / LETTERS.length)));
  const payload = reflector.port === 53 ? head : concat([head, rest]).subarray(0, settings.bytes);
  let index = 0;
  for (const timeUs of paced(stage, settings)) {
    const from = endpoint(oneOfMany(stage, index % settings.sources), reflector.port);
    yield { timeUs, bytes: udpFrame(from, to, payload) };
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
