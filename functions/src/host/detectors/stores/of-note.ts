import { finish, formatAddress, hashAddress, mix, type NoteTable } from '@weir/contracts';
import type { KeyedCounts, KeyedEntry } from './keyed-counts.js';

/** The entry of the client and server of note `i`, made if need be. Undefined when there is no room. */
export function pairOfNote(counts: KeyedCounts, notes: NoteTable, i: number): KeyedEntry | undefined {
  const key = finish(pairHash(notes, i));
  return counts.get(key) ?? create(counts, key, notes, i);
}

/** The same for each port of the server. */
export function serviceOfNote(counts: KeyedCounts, notes: NoteTable, i: number): KeyedEntry | undefined {
  const key = finish(mix(pairHash(notes, i), notes.columns.serverPort[i]!));
  return counts.get(key) ?? create(counts, key, notes, i);
}

function pairHash({ columns: c }: NoteTable, i: number): number {
  return mix(hashAddress(c.clientAddress.words, i * 4), hashAddress(c.serverAddress.words, i * 4));
}

function create(counts: KeyedCounts, key: number, { columns: c }: NoteTable, i: number): KeyedEntry | undefined {
  return counts.create(key, {
    client: formatAddress(c.clientAddress.bytes, i * 16),
    subject: formatAddress(c.serverAddress.bytes, i * 16),
    port: c.serverPort[i]!,
  });
}
