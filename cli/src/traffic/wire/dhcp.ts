import { concat, uint32 } from './bytes.js';
import type { Host } from './host.js';

/** Where the options of a message begin: behind its cookie (RFC 2131, 2). */
const OPTIONS_AT = 240;

/** Types of messages (RFC 2132, 9.6). */
export const DhcpType = { discover: 1, offer: 2, request: 3, acknowledge: 5 } as const;

/** One message between a client and a server. */
export interface DhcpMessage {
  readonly client: Host;
  readonly transaction: number;
  readonly type: (typeof DhcpType)[keyof typeof DhcpType];
  /** The server gives itself out as router and name server. */
  readonly server: Uint8Array;
}

/** A DHCP message; those of a server carry router and name server. */
export function dhcpMessage({ client, transaction, type, server }: DhcpMessage): Uint8Array {
  const isAnswer = type === DhcpType.offer || type === DhcpType.acknowledge;
  const head = new Uint8Array(OPTIONS_AT);
  head.set([isAnswer ? 2 : 1, 1, 6, 0]);
  head.set(uint32(transaction), 4);
  if (isAnswer) head.set(client.ipv4, 16);
  head.set(client.mac, 28);
  head.set([99, 130, 83, 99], 236);
  const given = [
    ...[Uint8Array.of(51, 4, 0, 0, 14, 16), Uint8Array.of(54, 4), server],
    ...[Uint8Array.of(3, 4), server, Uint8Array.of(6, 4), server],
  ];
  return concat([head, Uint8Array.of(53, 1, type), ...(isAnswer ? given : []), Uint8Array.of(255)]);
}
