import { AmplifierMessage, NOTE_CODE_RESPONSE, NoteKind } from '@weir/contracts';
import type { Frame } from '../frame.js';

/** By UDP port of the service. */
const SERVICES: Readonly<Record<number, number>> = {
  17: AmplifierMessage.quoteOfTheDay,
  19: AmplifierMessage.chargen,
  69: AmplifierMessage.tftp,
  111: AmplifierMessage.portMapper,
  123: AmplifierMessage.ntpTime,
  161: AmplifierMessage.snmp,
  389: AmplifierMessage.cldap,
  500: AmplifierMessage.isakmp,
  1900: AmplifierMessage.ssdp,
  3283: AmplifierMessage.remoteManagement,
  3702: AmplifierMessage.wsDiscovery,
  5683: AmplifierMessage.coap,
  11211: AmplifierMessage.memcached,
};
const HIGHEST_PORT = 11211;
const SERVICE_OF_PORT = Uint8Array.from({ length: HIGHEST_PORT + 1 }, (_, port) => SERVICES[port] ?? 0);

/** Requests of ntpd's mode 7 for the list of clients: old and new form. */
const MONLIST = [20, 42];
const GET_BULK = 0xa5;

/** Notes kind and size of the first datagram of a direction to or from a service that can be made to amplify. */
export function noteAmplifier(f: Frame): void {
  const source = f.sourcePort[f.row]!;
  const destination = f.destinationPort[f.row]!;
  const asked = destination <= HIGHEST_PORT ? SERVICE_OF_PORT[destination]! : 0;
  const answering = source <= HIGHEST_PORT ? SERVICE_OF_PORT[source]! : 0;
  if (asked === 0 && answering === 0) return;
  // Servers of one service that speak to each other use its port on both sides; then only the message tells.
  const isResponse =
    answering !== 0 && (asked === 0 || (asked === answering ? saysResponse(f, asked) : source < destination));
  const code = messageOf(f, isResponse ? answering : asked);
  if (code === 0) return;
  f.noteKind[f.row] = NoteKind.amplifierMessage;
  f.noteCode[f.row] = isResponse ? code | NOTE_CODE_RESPONSE : code;
  f.noteValue[f.row] = f.payloadBytes[f.row]!;
}

function saysResponse({ bytes, payloadAt: at, end }: Frame, service: number): boolean {
  if (service !== AmplifierMessage.ntpTime || at + 2 > end) return false;
  const mode = bytes[at]! & 7;
  return mode === 4 || (mode >= 6 && (bytes[mode === 6 ? at + 1 : at]! & 0x80) !== 0);
}

/** The message within its service; 0 when the bytes contradict the port. */
function messageOf(f: Frame, service: number): number {
  switch (service) {
    case AmplifierMessage.ntpTime:
      return ntpMessage(f);
    case AmplifierMessage.snmp:
      return snmpMessage(f);
    case AmplifierMessage.cldap:
      // LDAP messages are sequences (RFC 4511 5.1).
      return f.bytes[f.payloadAt] === 0x30 ? service : 0;
    default:
      return service;
  }
}

function ntpMessage({ bytes, payloadAt: at, end }: Frame): number {
  const mode = bytes[at]! & 7;
  if (mode === 6) return AmplifierMessage.ntpControl;
  if (mode !== 7) return mode === 0 ? 0 : AmplifierMessage.ntpTime;
  return at + 3 < end && MONLIST.includes(bytes[at + 3]!) ? AmplifierMessage.ntpMonlist : AmplifierMessage.ntpPrivate;
}

/** A sequence of version, community and the request, whose tag tells its kind (RFC 3416 3). */
function snmpMessage({ bytes, payloadAt, end }: Frame): number {
  if (payloadAt + 2 > end || bytes[payloadAt] !== 0x30) return 0;
  const versionAt = payloadAt + 2 + (bytes[payloadAt + 1]! & 0x80 ? bytes[payloadAt + 1]! & 7 : 0);
  const communityAt = versionAt + 3;
  if (communityAt + 2 > end || bytes[communityAt] !== 4) return AmplifierMessage.snmp;
  const requestAt = communityAt + 2 + bytes[communityAt + 1]!;
  return requestAt < end && bytes[requestAt] === GET_BULK ? AmplifierMessage.snmpGetBulk : AmplifierMessage.snmp;
}
