// The notes of packets, for the host partitions of their clients: read and emptied by the other side.

import * as G from './generated';
import { homeOf } from './home';
import { hostPartitions, nobody, noteCounts, noteTables, PACKETS_TABLE } from './memory';

// Kinds that only a client or only a server sends; kinds whose code tells; kinds that are about a network and have no client,
// so that one partition sees them all. Of the rest, the flow's originator is the client.
const BY_CLIENT: i32 =
  (1 << G.NoteKind_dnsQuery) |
  (1 << G.NoteKind_httpRequest) |
  (1 << G.NoteKind_tlsClientHello) |
  (1 << G.NoteKind_quicInitial);
const BY_SERVER: i32 =
  (1 << G.NoteKind_dnsResponse) |
  (1 << G.NoteKind_httpResponse) |
  (1 << G.NoteKind_tlsServerHello) |
  (1 << G.NoteKind_serverReply) |
  (1 << G.NoteKind_nameAnswer) |
  (1 << G.NoteKind_rpcRefusal) |
  (1 << G.NoteKind_loginResult) |
  (1 << G.NoteKind_routerAdvertisement);
const BY_CODE: i32 = (1 << G.NoteKind_smb) | (1 << G.NoteKind_amplifierMessage) | (1 << G.NoteKind_dhcp);
const WITHOUT_CLIENT: i32 = (1 << G.NoteKind_dhcp) | (1 << G.NoteKind_routerAdvertisement);
// Those that are about a network though they have a client: who claims what is told by comparing the clients.
const OF_NETWORK: i32 =
  WITHOUT_CLIENT | (1 << G.NoteKind_arpRequest) | (1 << G.NoteKind_arpReply) | (1 << G.NoteKind_nameAnswer);
const RESPONSE: i32 = 0x8000;

/** Whether some table has no room for another note. */
export let areNotesFull: bool = false;

/** Notes for host partition `partition`. */
export function noteCount(partition: i32): i32 {
  return load<i32>(noteCounts + ((<usize>partition) << 2));
}

export function clearNotes(): void {
  memory.fill(noteCounts, 0, (<usize>hostPartitions) << 2);
  areNotesFull = false;
}

/** Whether the packet comes from the client, as far as its note's kind and code tell. */
function isClientSource(kind: i32, code: i32, fromOriginator: bool): bool {
  const bit = 1 << kind;
  if (bit & BY_CLIENT) return true;
  if (bit & BY_SERVER) return false;
  return bit & BY_CODE ? (code & RESPONSE) == 0 : fromOriginator;
}

/** Writes the note of packet `i`, which its flow's originator sent or not, to the partition of its client, or of its network. */
export function addNote(i: usize, fromOriginator: bool): void {
  const kind = <i32>load<u8>(PACKETS_TABLE + i, G.PACKETS_noteKind);
  const clientIsSource = isClientSource(kind, <i32>load<u16>(PACKETS_TABLE + (i << 1), G.PACKETS_noteCode), fromOriginator);
  const from2 = PACKETS_TABLE + (i << 1);
  const from4 = PACKETS_TABLE + (i << 2);
  const sourceAddress = PACKETS_TABLE + G.PACKETS_sourceAddress + (i << 4);
  const destinationAddress = PACKETS_TABLE + G.PACKETS_destinationAddress + (i << 4);
  const client = (1 << kind) & WITHOUT_CLIENT ? nobody : clientIsSource ? sourceAddress : destinationAddress;
  const server = clientIsSource ? destinationAddress : sourceAddress;
  const partition = homeOf((1 << kind) & OF_NETWORK ? nobody : client);
  const to = <usize>noteCount(partition);
  store<i32>(noteCounts + ((<usize>partition) << 2), <i32>to + 1);
  if (<i32>to + 1 == G.NOTES_CAPACITY) areNotesFull = true;
  const table = noteTables + <usize>partition * G.NOTES_SIZE;
  const to2 = table + (to << 1);
  const to4 = table + (to << 2);
  const to8 = table + (to << 3);
  const to16 = table + (to << 4);
  store<f64>(to8, load<f64>(PACKETS_TABLE + (i << 3), G.PACKETS_timeUs), G.NOTES_timeUs);
  v128.store(to16, v128.load(client), G.NOTES_clientAddress);
  v128.store(to16, v128.load(server), G.NOTES_serverAddress);
  const sourcePort = load<u16>(from2, G.PACKETS_sourcePort);
  const destinationPort = load<u16>(from2, G.PACKETS_destinationPort);
  store<u16>(to2, clientIsSource ? destinationPort : sourcePort, G.NOTES_serverPort);
  store<u8>(table + to, load<u8>(PACKETS_TABLE + i, G.PACKETS_protocol), G.NOTES_protocol);
  store<u8>(table + to, <u8>kind, G.NOTES_noteKind);
  store<u16>(to2, load<u16>(from2, G.PACKETS_noteCode), G.NOTES_noteCode);
  store<u32>(to4, load<u32>(from4, G.PACKETS_noteValue), G.NOTES_noteValue);
  copyText(from4, table, to4);
}

/** Copies the text of the packet whose words lie at `from4` behind that of the note before. */
function copyText(from4: usize, table: usize, to4: usize): void {
  const start = <usize>load<i32>(from4, G.PACKETS_noteText);
  const length = min<usize>(<usize>load<i32>(from4, G.PACKETS_noteText + 4) - start, G.MAX_NOTE_BYTES);
  const end = <usize>load<i32>(to4, G.NOTES_noteText);
  // Eight at a time: names are short, and what is written past the end is written over by the next.
  let from = PACKETS_TABLE + G.PACKETS_noteText_data + start;
  let to = table + G.NOTES_noteText_data + end;
  for (let left = <i32>length; left > 0; left -= 8) {
    store<u64>(to, load<u64>(from));
    from += 8;
    to += 8;
  }
  store<i32>(to4, <i32>(end + length), G.NOTES_noteText + 4);
}
