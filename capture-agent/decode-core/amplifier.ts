// The first datagram of a direction to or from a service that can be made to amplify: kind of message and size.

import * as G from './generated';
import { COMMUNITIES, COMMUNITY_SLOTS, PACKETS } from './memory';
import * as note from './note';
import { at, byte, end, size, wireBytes } from './payload';

// Requests of ntpd's mode 7 for the list of clients: old and new form.
const MONLIST_OLD: i32 = 20;
const MONLIST: i32 = 42;
const GET_BULK: i32 = 0xa5;
const RESPONSE: u8 = 0xa2;

/** The service on a UDP port; 0 none. */
function serviceOn(port: i32): i32 {
  switch (port) {
    case 17:
      return G.AmplifierMessage_quoteOfTheDay;
    case 19:
      return G.AmplifierMessage_chargen;
    case 69:
      return G.AmplifierMessage_tftp;
    case 111:
      return G.AmplifierMessage_portMapper;
    case 123:
      return G.AmplifierMessage_ntpTime;
    case 161:
      return G.AmplifierMessage_snmp;
    case 389:
      return G.AmplifierMessage_cldap;
    case 500:
      return G.AmplifierMessage_isakmp;
    case 1900:
      return G.AmplifierMessage_ssdp;
    case 3283:
      return G.AmplifierMessage_remoteManagement;
    case 3702:
      return G.AmplifierMessage_wsDiscovery;
    case 5683:
      return G.AmplifierMessage_coap;
    case 11211:
      return G.AmplifierMessage_memcached;
    default:
      return 0;
  }
}

/** Notes the datagram in view, which is row `i`. */
export function noteAmplifier(i: usize): void {
  const source = <i32>load<u16>(PACKETS + (i << 1), G.PACKETS_sourcePort);
  const destination = <i32>load<u16>(PACKETS + (i << 1), G.PACKETS_destinationPort);
  const asked = serviceOn(destination);
  const answering = serviceOn(source);
  if (asked == 0 && answering == 0) return;
  // Servers of one service that speak to each other use its port on both sides; then only the message tells.
  const isResponse =
    answering != 0 && (asked == 0 || (asked == answering ? saysResponse(asked) : source < destination));
  const code = messageOf(isResponse ? answering : asked);
  if (code == 0) return;
  note.write(i, G.NoteKind_amplifierMessage, isResponse ? code | G.Note_response : code, wireBytes);
  if (asked == G.AmplifierMessage_snmp && !isResponse) writeCommunity(i, communityHash());
}

/** Notes a later question by SNMP in a flow when it names another community than the last. */
export function noteCommunity(i: usize): void {
  const hash = communityHash();
  if (hash == 0 || hash == communityBefore(i)) return;
  note.write(i, G.NoteKind_amplifierMessage, snmpMessage(), wireBytes);
  writeCommunity(i, hash);
}

// What stands for a community in notes, which are no place for secrets.
const HASH_BITS: i32 = 16;

/** A few bits of the community in view, and 1 above them; 0 without, or in a message that answers. */
function communityHash(): i32 {
  const community = communityAt();
  if (community == 0) return 0;
  const request = community + 2 + <usize>load<u8>(community, 1);
  if (request >= end || load<u8>(request) == RESPONSE) return 0;
  let hash: u32 = 0x811c9dc5;
  for (let k = community + 1; k < request; k++) hash = (hash ^ load<u8>(k)) * 0x01000193;
  return <i32>((hash ^ (hash >>> 16)) & 0xffff) | (1 << HASH_BITS);
}

/** Appends what stands for a community, and keeps it as the one that the flow of row `i` has named last. */
function writeCommunity(i: usize, hash: i32): void {
  if (hash == 0) return;
  store<i32>(slotOf(flowOf(i)), flowOf(i));
  store<i32>(slotOf(flowOf(i)), hash, 4);
  note.writeHex(hash >>> 8);
  note.writeHex(hash);
}

function communityBefore(i: usize): i32 {
  const slot = slotOf(flowOf(i));
  return load<i32>(slot) == flowOf(i) ? load<i32>(slot, 4) : 0;
}

function flowOf(i: usize): i32 {
  return load<i32>(PACKETS + (i << 2), G.PACKETS_flowHash);
}

function slotOf(flow: i32): usize {
  return COMMUNITIES + (<usize>(flow & (COMMUNITY_SLOTS - 1)) << 3);
}

function saysResponse(service: i32): bool {
  if (service != G.AmplifierMessage_ntpTime || size() < 2) return false;
  const mode = byte(0) & 7;
  return mode == 4 || (mode >= 6 && (byte(mode == 6 ? 1 : 0) & 0x80) != 0);
}

/** The message within its service; 0 when the bytes contradict the port. */
function messageOf(service: i32): i32 {
  if (service == G.AmplifierMessage_ntpTime) return ntpMessage();
  if (service == G.AmplifierMessage_snmp) return snmpMessage();
  // LDAP messages are sequences (RFC 4511 5.1).
  return service == G.AmplifierMessage_cldap && byte(0) != 0x30 ? 0 : service;
}

function ntpMessage(): i32 {
  const mode = byte(0) & 7;
  if (mode == 6) return G.AmplifierMessage_ntpControl;
  if (mode != 7) return mode == 0 ? 0 : G.AmplifierMessage_ntpTime;
  const isList = size() > 3 && (byte(3) == MONLIST_OLD || byte(3) == MONLIST);
  return isList ? G.AmplifierMessage_ntpMonlist : G.AmplifierMessage_ntpPrivate;
}

/** A sequence of version, community and the request, whose tag tells its kind (RFC 3416 3). */
function snmpMessage(): i32 {
  if (size() < 2 || byte(0) != 0x30) return 0;
  const community = communityAt();
  if (community == 0) return G.AmplifierMessage_snmp;
  const requestAt = community + 2 + <usize>load<u8>(community, 1);
  return requestAt < end && load<u8>(requestAt) == GET_BULK ? G.AmplifierMessage_snmpGetBulk : G.AmplifierMessage_snmp;
}

/** Where the community of the message in view lies, from its tag on; 0 without. */
function communityAt(): usize {
  if (size() < 2 || byte(0) != 0x30) return 0;
  const lengthBytes = byte(1) & 0x80 ? byte(1) & 7 : 0;
  const community = at + 5 + <usize>lengthBytes;
  return community + 2 > end || load<u8>(community) != 4 ? 0 : community;
}
