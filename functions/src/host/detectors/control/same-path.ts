import {
  finish,
  formatAddress,
  HttpSign,
  hashAddress,
  hashBytes,
  mix,
  NoteKind,
  type NoteTable,
} from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { isOutside } from '../address-scope.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const REQUESTS = 0;
const SPACE = 0x20;
/** Longest path that is shown. Unit: byte. */
const LONGEST_PATH_BYTES = 48;

/** One path asked of server after server by a program that does not say its name. */
export class SamePath implements KeyedDetector<KeyedEntry> {
  readonly name = 'same-path';
  readonly kind = 'command-and-control';
  readonly sees =
    'A client that asks many servers outside for the same path over plain HTTP, without saying which program it is: as bots do that hide their server among others, and worms that look for one weakness.';
  readonly how =
    'Counts, for each client and path, the servers outside, by their names, that it was asked of in five minutes, in requests whose whole head was captured and names no program. Browsers and libraries name themselves; bare roots do not count.';
  readonly blindTo =
    'HTTPS, requests with any User-Agent or without a Host, and a path that differs from server to server.';
  readonly evadedBy = 'A User-Agent, or four servers in five minutes (five are told).';
  readonly settings = 'httpControl';
  readonly techniques = [
    { id: 'T1071.001', name: 'Application Layer Protocol: Web Protocols' },
    { id: 'T1008', name: 'Fallback Channels' },
  ];
  readonly advice = [
    'Find the program on the client that made the requests; no browser did.',
    'Look which of the servers answered with more than an error page.',
    'Look for what the client fetched before the first of these requests.',
  ];
  readonly noteKinds = [NoteKind.httpRequest];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if ((c.noteCode[i]! & (HttpSign.whole | HttpSign.userAgent)) !== HttpSign.whole) return;
    if (!isOutside(c.serverAddress.bytes, i * 16)) return;
    const { data, offsets } = c.noteText;
    const path = data.indexOf(SPACE, offsets[i]!) + 1;
    const end = Math.min(offsets[i + 1]!, wordEnd(data, path));
    if (path === 0 || end <= path + 1) return;
    const hostEnd = Math.min(offsets[i + 1]!, wordEnd(data, end + 1));
    if (hostEnd <= end + 1) return;
    const key = finish(mix(mix(61, hashAddress(c.clientAddress.words, i * 4)), hashBytes(data, path, end)));
    const entry = this.counts.get(key) ?? this.counts.create(key, whoAsks(notes, i, { path, end }));
    if (!entry) return;
    entry.now[REQUESTS]!++;
    this.counts.addDistinct(entry, hashBytes(data, end + 1, hostEnd));
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { httpControl }: HostConfig): number {
    return this.counts.distinct(entry) / httpControl.servers;
  }

  argue(entry: KeyedEntry, { httpControl }: HostConfig): Argument {
    const { client, subject } = entry;
    const servers = this.counts.distinct(entry);
    return {
      entity: `${client} > ${subject}`,
      severity: 'medium',
      confidence: 0.7,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [client],
      targets: [],
      title: `${client} asks ${readable(servers)} servers for ${subject}`,
      summary: `${client} asked ${readable(servers)} servers outside for the path ${subject} within ${KEYED_WINDOW_S} s, in ${readable(this.counts.total(entry, REQUESTS))} requests that name no program.`,
      evidence: [
        {
          measure: 'servers asked for the same path',
          unit: 'host',
          value: servers,
          normal: 1,
          threshold: httpControl.servers,
        },
      ],
      counterfactual: `Fewer than ${httpControl.servers} servers in ${KEYED_WINDOW_S} s, or a program that says its name.`,
      flows: [],
    };
  }
}

/** Where the word that begins at `from` ends. */
function wordEnd(data: Uint8Array, from: number): number {
  const end = data.indexOf(SPACE, from);
  return end < 0 ? data.length : end;
}

function whoAsks({ columns: c }: NoteTable, i: number, { path, end }: { path: number; end: number }) {
  const { data } = c.noteText;
  const length = Math.min(end - path, LONGEST_PATH_BYTES);
  return {
    client: formatAddress(c.clientAddress.bytes, i * 16),
    subject: Buffer.from(data.buffer, data.byteOffset + path, length).toString('latin1'),
    port: c.serverPort[i]!,
  };
}
