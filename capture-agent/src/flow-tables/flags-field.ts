import { FlowOutcome, TcpFlag } from '@weir/contracts';

/** What a table says of a TCP connection: TcpFlag bits (0 not told), and FlowOutcome + 1 (0 not told). */
export interface TcpStory {
  readonly tcpFlags: number;
  readonly outcome: number;
}

const NOTHING: TcpStory = { tcpFlags: 0, outcome: 0 };
const { syn, ack, fin, rst, psh, urg, ece, cwr } = TcpFlag;

const story = (outcome: keyof typeof FlowOutcome, tcpFlags: number): TcpStory => ({
  tcpFlags,
  outcome: FlowOutcome[outcome] + 1,
});

/** Zeek's `conn_state` (https://docs.zeek.org, base/protocols/conn/main.zeek), which NSL-KDD uses too. */
const STATES: ReadonlyMap<string, TcpStory> = new Map([
  ['S0', story('halfOpen', syn)],
  ['S1', story('established', syn | ack)],
  ['S2', story('established', syn | ack | fin)],
  ['S3', story('established', syn | ack | fin)],
  ['SF', story('finished', syn | ack | fin)],
  ['REJ', story('rejected', syn | rst)],
  ['RSTO', story('reset', syn | ack | rst)],
  ['RSTR', story('reset', syn | ack | rst)],
  ['RSTOS0', story('halfOpen', syn | rst)],
  ['RSTRH', story('handshakeIncomplete', syn | ack | rst)],
  ['SH', story('halfOpen', syn | fin)],
  ['SHR', story('handshakeIncomplete', syn | ack | fin)],
  // Under way before the sensor saw it: how it began is not known.
  ['OTH', { tcpFlags: ack, outcome: 0 }],
]);

/** Zeek's `history`, in lower case: what each letter shows of the flags. */
const HISTORY: Readonly<Record<string, number>> = {
  s: syn,
  h: syn | ack,
  a: ack,
  d: ack | psh,
  f: fin,
  r: rst,
  i: fin | rst,
  q: syn | fin,
};

const NAMED: Readonly<Record<string, number>> = {
  SYN: syn, ACK: ack, FIN: fin, RST: rst, PSH: psh, PUSH: psh, URG: urg, ECE: ece, CWR: cwr, RESET: rst,
  S: syn, A: ack, F: fin, R: rst, P: psh, U: urg, E: ece, C: cwr,
}; // biome-ignore format: a table

/** Texts remembered; a hostile table has many different ones. */
const MAX_REMEMBERED = 4096;

/** Remembers what short texts mean, as the same few come over and over. */
function remembering<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const value = known.get(text);
    if (value !== undefined || known.has(text)) return value as T;
    const fresh = read(text);
    if (known.size < MAX_REMEMBERED) known.set(text, fresh);
    return fresh;
  };
}

/** What a flags column says: `SYN,ACK`, `.AP.SF`, `S`, `0x12`, `18`, or a state of Zeek's. Undefined for anything else. */
export const readFlags = remembering((text: string): TcpStory | undefined => {
  if (text === '' || text === '-') return NOTHING;
  const upper = text.toUpperCase();
  const state = STATES.get(upper);
  if (state) return state;
  if (/^(0X[0-9A-F]{1,4}|\d{1,5})$/.test(upper)) return { tcpFlags: Number(upper) & 0xff, outcome: 0 };
  const bits = flagBits(upper);
  return bits === undefined ? undefined : { tcpFlags: bits, outcome: 0 };
});

function flagBits(text: string): number | undefined {
  if (text.length > 64) return undefined;
  const words = text.split(/[^A-Z]+/).filter(Boolean);
  const parts = words.flatMap((word) => (NAMED[word] === undefined ? [...word] : [word]));
  let bits = 0;
  for (const part of parts) {
    const bit = NAMED[part];
    if (bit === undefined) return undefined;
    bits |= bit;
  }
  return bits;
}

/** What a state column says; undefined for a text that is no state. */
export const readState = remembering((text: string): TcpStory | undefined =>
  text === '' || text === '-' ? NOTHING : STATES.get(text.toUpperCase()),
);

/** TcpFlag bits that a `history` shows; letters that say nothing of flags are passed over. */
export const readHistory = remembering((text: string): number =>
  [...text.slice(0, 64).toLowerCase()].reduce((bits, letter) => bits | (HISTORY[letter] ?? 0), 0),
);
