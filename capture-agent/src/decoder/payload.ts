import { ConformanceBreach, PayloadGuess, Protocol } from '@weir/contracts';
import { guessDatagram } from './datagram-guess.js';
import { contradictsDatagramPort, contradictsStreamPort, isTextPort } from './expected-protocol.js';
import type { Frame } from './frame.js';
import type { Notes } from './notes/notes.js';
import type { PayloadView } from './payload-view.js';
import { guessStream } from './stream-guess.js';

/** Fewest bytes from which a text port may be accused: keep-alive bytes and cut greetings are shorter. */
const MIN_ACCUSED_BYTES = 8;

/** What is known about a first payload. */
export interface FirstPayload {
  /** It is the very beginning of its stream: only that is bound to look like the protocol. */
  readonly isStreamStart: boolean;
  /** As in the block's column. */
  readonly direction: number;
  readonly notes: Notes;
}

/** Looks at the first payload of a flow's direction, in a datagram or a TCP segment: guess, note, breaches. */
export function inspectFirstPayload(f: Frame, { isStreamStart, direction, notes }: FirstPayload): void {
  const view = viewOf(f);
  if (f.protocol[f.row] === Protocol.udp) {
    const guess = guessDatagram(view);
    f.payloadGuess[f.row] = guess;
    notes.noteDatagram(f, guess, direction);
    if (contradictsDatagramPort(view.port, guess)) f.breaches |= ConformanceBreach.sessionUnexpectedProtocol;
    return;
  }
  const guess = guessStream(view);
  f.payloadGuess[f.row] = guess;
  notes.noteStream(f, guess, direction);
  if (isStreamStart) checkPort(f, view, guess);
}

const payload: PayloadView = {
  ...{ bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) },
  ...{ at: 0, end: 0, wireBytes: 0, port: 0, otherPort: 0 },
};

/** One object serves all payloads. */
function viewOf(f: Frame): PayloadView {
  const source = f.sourcePort[f.row]!;
  const destination = f.destinationPort[f.row]!;
  payload.bytes = f.bytes;
  payload.view = f.view;
  payload.at = f.payloadAt;
  payload.end = f.end;
  payload.wireBytes = f.wireEnd - f.payloadAt;
  payload.port = Math.min(source, destination);
  payload.otherPort = Math.max(source, destination);
  return payload;
}

function checkPort(f: Frame, { port, otherPort, end, at }: PayloadView, guess: number): void {
  // Two well-known ports: which of them serves is not known.
  if (otherPort < 1024) return;
  if (contradictsStreamPort(port, guess)) f.breaches |= ConformanceBreach.sessionUnexpectedProtocol;
  if (guess === PayloadGuess.unknown && end - at >= MIN_ACCUSED_BYTES && isTextPort(port))
    f.breaches |= ConformanceBreach.presentationMalformedText;
}
