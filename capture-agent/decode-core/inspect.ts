// Last pass: what lies behind the headers. Most of it is done here; messages that take much to read are noted by the other
// side (capture-agent/src/decoder/notes), for which the pass stops at the row.

import { learnAgent } from './agents';
import { noteAmplifier, noteCommunity } from './amplifier';
import { guessDatagram } from './datagram-guess';
import { beginStream, countPayload, directionOf, isStreamStart, MEASURED_PAYLOADS } from './directions';
import { BROKEN_MESSAGE, MESSAGE, pointAt, readMessage, textEnd } from './dns';
import { noteDhcp } from './dhcp';
import { noteEcho } from './echo';
import { payloadEntropy } from './entropy';
import { datagramBreaches, streamBreaches } from './expected-protocol';
import { follow, followOf, mayTell } from './followed-flows';
import * as G from './generated';
import { noteHttp } from './http-head';
import { isDirectory, KERBEROS, noteLogin } from './logins';
import { BLOCK, BYTES, load16, PACKETS, VISIT } from './memory';
import { noteArp, noteLocalAnswer, noteQuotedPacket } from './network-notes';
import * as note from './note';
import { byte, firstWord, port, view } from './payload';
import { noteRpc } from './rpc-call';
import { isHandshakeStart, noteServerHello } from './server-hello';
import { isServerSpeaking, noteBanner, noteReply } from './server-reply';
import { noteCallInSmb } from './smb-rpc';
import { isLengthAlone, mayBeCommand, mayBeRemoteControl } from './stream-beginnings';
import { guessStream } from './stream-guess';

const NETBIOS_NAMES: i32 = 137;
const MULTICAST_DNS: i32 = 5353;
const LINK_LOCAL: i32 = 5355;
const SNMP: i32 = 161;

/** Looks at rows `[first, end)`. Returns the first at which the other side must look too, or `end`. */
export function inspect(first: i32, end: i32): i32 {
  note.beginText(first);
  return inspectFrom(first, end);
}

/** Goes on behind row `row`, whose note the other side has written up to `textAt`. Returns as `inspect`. */
export function resume(row: i32, textAt: i32, end: i32): i32 {
  note.setTextAt(textAt);
  note.endText(row);
  learnAgent(<usize>row);
  return inspectFrom(row + 1, end);
}

function inspectFrom(first: i32, end: i32): i32 {
  for (let row = first; row < end; row++) {
    const look = <i32>load<u8>(BLOCK + <usize>row, G.BLOCK_look);
    if (look != 0) {
      const visit = inspectRow(<usize>row, look);
      if (visit != 0) {
        store<i32>(VISIT, visit);
        store<i32>(VISIT, note.textAt, 4);
        return row;
      }
    }
    note.endText(row);
  }
  return end;
}

/** Looks at row `i`. Returns the Visit that is left to the other side; `none` when there is none. */
function inspectRow(i: usize, look: i32): i32 {
  if (look == G.Look_streamStart) beginStream(i);
  const position = load<i32>(BLOCK + (i << 2), G.BLOCK_payloadAt);
  if (position == 0) return G.Visit_none;
  const start = BYTES + <usize>position;
  const end = BYTES + <usize>load<i32>(BLOCK + (i << 2), G.BLOCK_payloadEnd);
  if (look == G.Look_arp) noteArp(i, start);
  else if (look == G.Look_quotedPacket) noteQuotedPacket(i, start, end);
  else return inspectPayload(i, look, start, end);
  return G.Visit_none;
}

/** Looks at the payload of a TCP segment, a datagram or an ICMP message. */
function inspectPayload(i: usize, look: i32, start: usize, end: usize): i32 {
  const protocol = <i32>load<u8>(PACKETS + i, G.PACKETS_protocol);
  if (!isDns(i, look, start, end)) {
    const seen = countPayload(i);
    if (seen < MEASURED_PAYLOADS) {
      store<u8>(PACKETS + i, <u8>payloadEntropy(start, end), G.PACKETS_payloadEntropy);
      if (seen == 0 && protocol == G.Protocol_tcp) return inspectStream(i, start, end);
      if (seen == 0 && protocol == G.Protocol_udp) return inspectDatagram(i, start, end);
    }
  }
  if (protocol == G.Protocol_icmp || protocol == G.Protocol_icmpv6) {
    if (look == G.Look_routerAdvertisement) return G.Visit_routerAdvertisement;
    noteEcho(i, start, end);
    return G.Visit_none;
  }
  return inspectLater(i, start, end);
}

// First payloads.

/** Looks at the first payload of a TCP direction. */
function inspectStream(i: usize, start: usize, end: usize): i32 {
  view(i, start, end);
  const guess = guessStream();
  store<u8>(PACKETS + i, <u8>guess, G.PACKETS_payloadGuess);
  if (isStreamStart) addBreaches(i, streamBreaches(guess));
  const direction = directionOf(i);
  switch (guess) {
    case G.PayloadGuess_http:
      follow(i, G.Follow_http, direction);
      return noteHttp(i) ? G.Visit_none : G.Visit_http;
    case G.PayloadGuess_tls:
      return noteServerHello(i) ? G.Visit_clientHello : G.Visit_none;
    case G.PayloadGuess_ssh:
      follow(i, G.Follow_ssh, direction);
      noteBanner(i);
      return G.Visit_none;
    case G.PayloadGuess_smb:
      follow(i, G.Follow_smb, direction);
      return noteCallInSmb(i) ? G.Visit_none : G.Visit_smb;
    case G.PayloadGuess_dceRpc:
      follow(i, G.Follow_rpc, direction);
      noteRpc(i, flowHash(i));
      return G.Visit_none;
    case G.PayloadGuess_rdp:
      follow(i, G.Follow_startTls, direction);
      return G.Visit_none;
    case G.PayloadGuess_text:
      return mayBeCommand(byte(0)) ? G.Visit_lineCommand : G.Visit_none;
    case G.PayloadGuess_unknown:
      if (isLengthAlone()) follow(i, G.Follow_stage, direction);
      else if (port == KERBEROS || isDirectory()) noteFirstLogin(i, direction);
      return mayBeRemoteControl() ? G.Visit_lineCommand : G.Visit_none;
    default:
      noteDialogue(i, guess, direction);
      return G.Visit_none;
  }
}

/** The first payload of a stream of LDAP or Kerberos. */
function noteFirstLogin(i: usize, direction: i32): void {
  if (port != KERBEROS) follow(i, G.Follow_logins, direction);
  noteLogin(i);
}

/** FTP or mail. */
function noteDialogue(i: usize, guess: i32, direction: i32): void {
  const hasBanner = guess == G.PayloadGuess_ftp || guess == G.PayloadGuess_smtp;
  if (!hasBanner && guess != G.PayloadGuess_pop3 && guess != G.PayloadGuess_imap) return;
  const isServer = isServerSpeaking();
  follow(i, G.Follow_replies, isServer ? direction : 1 - direction);
  if (hasBanner) noteBanner(i);
  else if (isServer) noteReply(i);
}

/** Looks at the first datagram of a UDP direction. */
function inspectDatagram(i: usize, start: usize, end: usize): i32 {
  view(i, start, end);
  const guess = guessDatagram();
  store<u8>(PACKETS + i, <u8>guess, G.PACKETS_payloadGuess);
  addBreaches(i, datagramBreaches(guess));
  if (guess == G.PayloadGuess_quic) return G.Visit_quic;
  if (guess == G.PayloadGuess_dhcp || sourcePort(i) == NETBIOS_NAMES || destinationPort(i) == NETBIOS_NAMES) {
    follow(i, G.Follow_datagrams, directionOf(i));
    return inspectLocalDatagram(i, start, end);
  }
  if (guess == G.PayloadGuess_sip || port == KERBEROS) {
    if (guess == G.PayloadGuess_sip) follow(i, G.Follow_logins, directionOf(i));
    noteLogin(i);
    return G.Visit_none;
  }
  if (guess == G.PayloadGuess_snmp && port == SNMP) follow(i, G.Follow_communities, directionOf(i));
  noteAmplifier(i);
  return G.Visit_none;
}

/** DHCP for IPv4; that for IPv6 and NetBIOS names are left to the other side. */
function inspectLocalDatagram(i: usize, start: usize, end: usize): i32 {
  const source = sourcePort(i);
  const destination = destinationPort(i);
  const port = min(source, destination);
  if (source == NETBIOS_NAMES || destination == NETBIOS_NAMES || isDhcpV6(port)) return G.Visit_datagram;
  noteDhcp(i, start, end);
  return G.Visit_none;
}

function isDhcpV6(port: i32): bool {
  return port == 546 || port == 547;
}

// Later payloads.

/** Looks at a payload behind the first: of a followed flow, or one whose port says that it tells a name. */
function inspectLater(i: usize, start: usize, end: usize): i32 {
  const what = followOf(i);
  const port = sourcePort(i);
  const isNamed = port == LINK_LOCAL || port == MULTICAST_DNS;
  if (what == G.Follow_nothing && !isNamed) return G.Visit_none;
  view(i, start, end);
  if (!isNamed && !mayTell(i, what)) return G.Visit_none;
  if (note.kindOf(i) != 0) noteLocalAnswer(i, start, end);
  else return inspectFollowed(i, what, start, end);
  return G.Visit_none;
}

function inspectFollowed(i: usize, what: i32, start: usize, end: usize): i32 {
  switch (what) {
    case G.Follow_nothing:
      return G.Visit_none;
    case G.Follow_hello:
      return G.Visit_moreHello;
    case G.Follow_quic:
      return G.Visit_moreQuic;
    case G.Follow_datagrams:
      return inspectLocalDatagram(i, start, end);
    case G.Follow_smb:
      return noteCallInSmb(i) ? G.Visit_none : G.Visit_smb;
    case G.Follow_ssh:
      return G.Visit_keyExchange;
    case G.Follow_stage:
      return G.Visit_lineCommand;
    case G.Follow_logins:
      noteLogin(i);
      return G.Visit_none;
    case G.Follow_communities:
      noteCommunity(i);
      return G.Visit_none;
    case G.Follow_rpc:
      noteRpc(i, flowHash(i));
      return G.Visit_none;
    default:
      return inspectClearText(i, what);
  }
}

/** Protocols in clear that may turn to TLS. */
function inspectClearText(i: usize, what: i32): i32 {
  if (isHandshakeStart(firstWord())) return noteServerHello(i) ? G.Visit_clientHello : G.Visit_none;
  if (what == G.Follow_http) return noteHttp(i) ? G.Visit_none : G.Visit_http;
  if (what == G.Follow_replies) noteReply(i);
  return G.Visit_none;
}

// DNS, multicast DNS (RFC 6762) and LLMNR (RFC 4795).

/** Whether the payload is a DNS message, which is then noted; false leaves it to the guesses. */
function isDns(i: usize, look: i32, start: usize, end: usize): bool {
  const protocol = <i32>load<u8>(PACKETS + i, G.PACKETS_protocol);
  const source = sourcePort(i);
  const destination = destinationPort(i);
  const mustBe = source == 53 || destination == 53;
  const wireEnd = start + <usize>load<u32>(PACKETS + (i << 2), G.PACKETS_payloadBytes);
  if (protocol == G.Protocol_udp) {
    if (!mustBe && !isLocalName(source) && !isLocalName(destination)) return false;
    pointAt(end, wireEnd, look == G.Look_fragment);
    // Ports above 1023 may be anybody's source port: what is no message there is no breach.
    return isMessage(i, start, mustBe);
  }
  if (protocol != G.Protocol_tcp || !mustBe) return false;
  // One whole message in one segment, behind its length (RFC 1035 4.2.2). Longer ones are left alone.
  if (start + 2 > end || <usize>load16(start) != wireEnd - start - 2) return false;
  pointAt(end, wireEnd, look == G.Look_fragment);
  return isMessage(i, start + 2, true);
}

function isLocalName(port: i32): bool {
  return port == MULTICAST_DNS || port == LINK_LOCAL;
}

function isMessage(i: usize, at: usize, mustBe: bool): bool {
  const text = note.textAddress();
  const found = readMessage(i, at, text);
  if (found == BROKEN_MESSAGE && mustBe) addBreaches(i, G.Breach_dnsMalformed);
  if (found != MESSAGE) return false;
  note.setTextAt(note.textAt + <i32>(textEnd() - text));
  store<u8>(PACKETS + i, <u8>G.PayloadGuess_dns, G.PACKETS_payloadGuess);
  return true;
}

function flowHash(i: usize): i32 {
  return load<i32>(PACKETS + (i << 2), G.PACKETS_flowHash);
}

function sourcePort(i: usize): i32 {
  return load<u16>(PACKETS + (i << 1), G.PACKETS_sourcePort);
}

function destinationPort(i: usize): i32 {
  return load<u16>(PACKETS + (i << 1), G.PACKETS_destinationPort);
}

function addBreaches(i: usize, breaches: i32): void {
  const at = PACKETS + (i << 2);
  if (breaches != 0) store<i32>(at, load<i32>(at, G.PACKETS_conformance) | breaches, G.PACKETS_conformance);
}
