import { type ActivityTable, FlowEvent, Protocol } from '@weir/contracts';

/** Services by which people and programs enter a machine to work on it, by port. */
export const REMOTE_LOGINS: ReadonlyMap<number, string> = new Map([
  [22, 'SSH'],
  [23, 'Telnet'],
  [2222, 'SSH'],
  [2323, 'Telnet'],
  [3389, 'RDP'],
  [5900, 'VNC'],
  [5985, 'WinRM'],
  [5986, 'WinRM'],
]);

/**
 * Payload of an SSH session, both ways: the exchange of keys alone has 2.9 kB or more, each refused password some 200 bytes
 * more; one that is let in and does anything has 8 kB and more (measured with OpenSSH 9). Unit: byte.
 */
const REFUSED_BYTES = { least: 2_500, most: 6_000 } as const;
/** The client has at least sent its half of a key exchange or a name; a look at the greeting has not. Unit: byte. */
const LEAST_SENT_BYTES = 500;

/** What a remote login that has ended looks like by its size; undefined for flows that are none. */
export function loginOutcome({ columns: c }: ActivityTable, i: number): 'refused' | 'let-in' | undefined {
  if (!(c.events[i]! & FlowEvent.ended) || c.protocol[i] !== Protocol.tcp) return undefined;
  if (!REMOTE_LOGINS.has(c.responderPort[i]!)) return undefined;
  const bytes = c.totalOriginatorBytes[i]! + c.totalResponderBytes[i]!;
  if (bytes > REFUSED_BYTES.most) return 'let-in';
  return bytes >= REFUSED_BYTES.least && c.totalOriginatorBytes[i]! >= LEAST_SENT_BYTES ? 'refused' : undefined;
}
