// The notes of packets, for the host partitions of their clients: read and emptied by the other side.

import * as G from './generated';
import { homeOf } from './home';
import { hostPartitions, noteCounts, noteTables, PACKETS_TABLE } from './memory';

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

/** Writes the note of packet `i` to the partition of its client: the packet's source, or its destination. */
export function addNote(i: usize, clientIsSource: bool): void {
  const from2 = PACKETS_TABLE + (i << 1);
  const from4 = PACKETS_TABLE + (i << 2);
  const sourceAddress = PACKETS_TABLE + G.PACKETS_sourceAddress + (i << 4);
  const destinationAddress = PACKETS_TABLE + G.PACKETS_destinationAddress + (i << 4);
  const client = clientIsSource ? sourceAddress : destinationAddress;
  const server = clientIsSource ? destinationAddress : sourceAddress;
  const partition = homeOf(client);
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
  store<u8>(table + to, load<u8>(PACKETS_TABLE + i, G.PACKETS_noteKind), G.NOTES_noteKind);
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
