import { NOTE_CODE_RESPONSE, NoteKind, PayloadGuess } from '@weir/contracts';
import type { SaidPacket } from '../../flow/packets.fixture.js';

type Packets = Partial<SaidPacket>[];

/** What an ARP message says. */
export interface SaidArp {
  atS: number;
  mac: string;
  address: string;
  /** Whom it asks for, or whom it answers. */
  other: string;
}

const arp = (noteKind: number, { atS, mac, address, other }: SaidArp): Packets => [
  {
    ...{ atS, source: address, destination: other, networkLayer: 1, protocol: 0, noteKind, noteText: mac },
    noteValue: address === other ? 1 : 0,
  },
];

/** `mac`, which says to be `address`, asks for `other`. */
export function arpAsks(said: SaidArp): Packets {
  return arp(NoteKind.arpRequest, said);
}

/** `mac`, which says to be `address`, answers `other`. */
export function arpAnswers(said: SaidArp): Packets {
  return arp(NoteKind.arpReply, said);
}

/** A look-up by `other`, and its answer 1 ms later. */
export function arpLookUp(said: SaidArp & { askersMac: string }): Packets {
  const question = { atS: said.atS, mac: said.askersMac, address: said.other, other: said.address };
  return [...arpAsks(question), ...arpAnswers({ ...said, atS: said.atS + 0.001 })];
}

/** A DHCP acknowledgement of a server that gives out a router and a DNS server. */
export function dhcpAnswer(atS: number, server: string, gives = '10.0.0.1 10.0.0.53'): Packets {
  const id = server.split('.').reduce((word, part) => word * 256 + Number(part), 0);
  return [
    {
      ...{ atS, source: server, destination: '10.0.0.77', sourcePort: 67, destinationPort: 68 },
      ...{ payloadGuess: PayloadGuess.dhcp, noteKind: NoteKind.dhcp, noteCode: 5 | NOTE_CODE_RESPONSE, noteValue: id },
      noteText: `02:00:00:00:00:77 ${gives} desk`,
    },
  ];
}

/** An answer by LLMNR that `name` has the address `says`. */
export function nameAnswer(
  atS: number,
  source: string,
  { name, says = source }: { name: string; says?: string },
): Packets {
  const noteValue = says.split('.').reduce((word, part) => word * 256 + Number(part), 0);
  return [
    {
      ...{ atS, source, destination: '10.0.0.40', sourcePort: 5355, destinationPort: 50_000 + Math.floor(atS) },
      ...{ noteKind: NoteKind.nameAnswer, noteCode: 5355, noteValue, noteText: name },
    },
  ];
}
