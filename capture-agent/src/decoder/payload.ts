import { ConformanceBreach, PayloadGuess, Protocol } from '@weir/contracts';
import { guessDatagram } from './datagram-guess.js';
import { dnsMessage } from './dns.js';
import { payloadEntropy } from './entropy.js';
import { contradictsDatagramPort, contradictsStreamPort, isTextPort } from './expected-protocol.js';
import type { Frame } from './frame.js';
import { notePayload } from './payload-notes.js';
import type { PayloadView } from './payload-view.js';
import { guessStream } from './stream-guess.js';

// Copies: the compiler folds constants of this module, but loads and checks imported ones for each packet.
const TCP = Protocol.tcp;
const UDP = Protocol.udp;
const DNS_MALFORMED = ConformanceBreach.dnsMalformed;

const DNS_PORT = 53;
const MDNS_PORT = 5353;
const LLMNR_PORT = 5355;

/** Flow directions that are remembered at once; a power of two. */
const SLOTS = 16_384;
/** Columns of a slot: key of the direction, second and number of payloads seen, expected first sequence number. */
const KEY = 0;
const SEEN = 1;
const FIRST_SEQUENCE = 2;
const STRIDE = 4;
/** Seconds are kept modulo this, beside the count in the low bits. */
const TIME_MASK = 0x07ff_ffff;
const COUNT_BITS = 4;
const COUNT_MASK = 3;
/** Set beside the count when the stream's SYN was seen, so that FIRST_SEQUENCE holds. */
const SYN_SEEN = 4;
/** A direction that was idle for longer is looked at anew. */
const IDLE_S = 60;
/** Payloads of a direction whose entropy is measured; the protocol is guessed from the first alone. */
const MEASURED_PAYLOADS = 2;

/** Fewest bytes from which a text port may be accused: keep-alive bytes and cut greetings are shorter. */
const MIN_ACCUSED_BYTES = 8;

/**
 * Looks at the first payloads of each flow direction. What it remembers is one table of fixed size: directions that share
 * a slot push each other out and are then looked at again, so the effort is bounded and depends on packet order alone.
 */
export class PayloadInspector {
  private readonly slots = new Uint32Array(SLOTS * STRIDE);
  private readonly payload: PayloadView = {
    ...{ bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) },
    ...{ at: 0, end: 0, wireBytes: 0, port: 0, otherPort: 0 },
  };

  /** Remembers that a stream begins in this direction. */
  beginStream(f: Frame, direction: number): void {
    const key = directionKey(f, direction);
    const at = (key & (SLOTS - 1)) * STRIDE;
    this.slots[at + KEY] = key;
    this.slots[at + SEEN] = (seconds(f) << COUNT_BITS) | SYN_SEEN;
    this.slots[at + FIRST_SEQUENCE] = f.tcpSequence[f.row]! + 1;
  }

  /** Looks at the payload of a TCP segment, a datagram or a ping. */
  inspect(f: Frame, direction: number): void {
    const { row } = f;
    const protocol = f.protocol[row]!;
    if (protocol === UDP) {
      if (!isDnsDatagram(f)) this.inspectDatagram(f, direction);
    } else if (protocol === TCP) {
      if (!isDnsSegment(f)) this.inspectSegment(f, direction);
    } else if (this.count(f, direction) < MEASURED_PAYLOADS) {
      f.payloadEntropy[row] = payloadEntropy(f.bytes, f.payloadAt, f.end);
    }
  }

  private inspectDatagram(f: Frame, direction: number): void {
    const seen = this.count(f, direction);
    if (seen >= MEASURED_PAYLOADS) return;
    f.payloadEntropy[f.row] = payloadEntropy(f.bytes, f.payloadAt, f.end);
    if (seen > 0) return;
    const view = this.viewOf(f);
    const guess = guessDatagram(view);
    f.payloadGuess[f.row] = guess;
    if (contradictsDatagramPort(view.port, guess)) f.breaches |= ConformanceBreach.sessionUnexpectedProtocol;
  }

  private inspectSegment(f: Frame, direction: number): void {
    const seen = this.count(f, direction);
    if (seen >= MEASURED_PAYLOADS) return;
    f.payloadEntropy[f.row] = payloadEntropy(f.bytes, f.payloadAt, f.end);
    if (seen > 0) return;
    const view = this.viewOf(f);
    const guess = guessStream(view);
    f.payloadGuess[f.row] = guess;
    notePayload(f, guess);
    if (this.isStreamStart(f, direction)) checkPort(f, view, guess);
  }

  /** How many payloads of this direction came before, up to MEASURED_PAYLOADS; counts this one. */
  private count(f: Frame, direction: number): number {
    const { slots } = this;
    const key = directionKey(f, direction);
    const at = (key & (SLOTS - 1)) * STRIDE;
    const nowS = seconds(f);
    const seen = slots[at + SEEN]! | 0;
    const idleS = (nowS - (seen >>> COUNT_BITS)) & TIME_MASK;
    // A small step back in time wraps round to a large idle time; both that and a real pause within the window count.
    const isFresh = (slots[at + KEY]! | 0) !== key || (idleS > IDLE_S && idleS < TIME_MASK - IDLE_S);
    const flags = isFresh ? 0 : seen & (COUNT_MASK | SYN_SEEN);
    const count = flags & COUNT_MASK;
    slots[at + KEY] = key;
    slots[at + SEEN] = (nowS << COUNT_BITS) | (count < MEASURED_PAYLOADS ? flags + 1 : flags);
    return count;
  }

  /** Whether the segment holds the very first bytes of its stream: only those are bound to look like the protocol. */
  private isStreamStart(f: Frame, direction: number): boolean {
    const at = (directionKey(f, direction) & (SLOTS - 1)) * STRIDE;
    return (this.slots[at + SEEN]! & SYN_SEEN) !== 0 && this.slots[at + FIRST_SEQUENCE] === f.tcpSequence[f.row];
  }

  private viewOf(f: Frame): PayloadView {
    const { payload, row } = { payload: this.payload, row: f.row };
    const source = f.sourcePort[row]!;
    const destination = f.destinationPort[row]!;
    payload.bytes = f.bytes;
    payload.view = f.view;
    payload.at = f.payloadAt;
    payload.end = f.end;
    payload.wireBytes = f.wireEnd - f.payloadAt;
    payload.port = Math.min(source, destination);
    payload.otherPort = Math.max(source, destination);
    return payload;
  }
}

function directionKey(f: Frame, direction: number): number {
  return (f.flowHash[f.row]! ^ (direction === 1 ? 0x9e3779b9 : 0)) | 0;
}

function seconds(f: Frame): number {
  return (f.timeUs[f.row]! / 1e6) & TIME_MASK;
}

/** DNS, multicast DNS (RFC 6762) and LLMNR (RFC 4795); false leaves the payload to the guesses. */
function isDnsDatagram(f: Frame): boolean {
  const source = f.sourcePort[f.row]!;
  const destination = f.destinationPort[f.row]!;
  const isDns = source === DNS_PORT || destination === DNS_PORT;
  if (!isDns && !isLocalName(source) && !isLocalName(destination)) return false;
  // Ports above 1023 may be anybody's source port: what is no message there is no breach.
  return dnsMessage(f, f.payloadAt, isDns ? DNS_MALFORMED : 0);
}

function isLocalName(port: number): boolean {
  return port === MDNS_PORT || port === LLMNR_PORT;
}

/** One whole message in one segment, behind its length (RFC 1035 4.2.2). Longer ones are left alone. */
function isDnsSegment(f: Frame): boolean {
  const { row, payloadAt } = f;
  if (f.sourcePort[row] !== DNS_PORT && f.destinationPort[row] !== DNS_PORT) return false;
  if (payloadAt + 2 > f.end || f.view.getUint16(payloadAt) !== f.wireEnd - payloadAt - 2) return false;
  return dnsMessage(f, payloadAt + 2, DNS_MALFORMED);
}

function checkPort(f: Frame, { port, otherPort, end, at }: PayloadView, guess: number): void {
  // Two well-known ports: which of them serves is not known.
  if (otherPort < 1024) return;
  if (contradictsStreamPort(port, guess)) f.breaches |= ConformanceBreach.sessionUnexpectedProtocol;
  if (guess === PayloadGuess.unknown && end - at >= MIN_ACCUSED_BYTES && isTextPort(port))
    f.breaches |= ConformanceBreach.presentationMalformedText;
}
