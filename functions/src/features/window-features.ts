import { parseAddress, type TrafficWindow, WINDOW_FEATURE_LENGTHS_S, WINDOW_MEASURES } from '@weir/contracts';
import type { FeatureRows } from './feature-rows.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';

/** Hosts whose longer windows are remembered; beyond, those told of longest ago are forgotten. */
const MAX_HOSTS = 32_768;
/** A longer window that ended this many of its lengths ago tells nothing of now. */
const STALE_LENGTHS = 2;
const MEASURES = WINDOW_MEASURES.length;
const UNKNOWN = Number.NaN;

/** What of a closed window makes a row. */
export type HostWindowFacts = Pick<
  TrafficWindow,
  'scope' | 'address' | 'startMs' | 'endMs' | (typeof WINDOW_MEASURES)[number]['field']
>;

interface Newest {
  endMs: number;
  values: Float32Array;
}

/**
 * Makes a row each time a window of ten seconds of a host closes, together with the newest minute and five minutes of the
 * same host. What is kept follows from the windows in their order, and a host's windows come from one partition.
 */
export class WindowRows {
  /** By address: the newest window of each longer length. */
  private readonly hosts = new Map<string, (Newest | undefined)[]>();

  /** Takes a closed window; appends a row to `rows` when it is a host's shortest. */
  take(window: HostWindowFacts, rows: FeatureRows): void {
    if (window.scope !== 'host' || window.address === undefined) return;
    const length = WINDOW_FEATURE_LENGTHS_S.indexOf(((window.endMs - window.startMs) / 1000) as 10);
    if (length > 0) this.remember(window.address, length, window);
    if (length !== 0) return;
    const bytes = parseAddress(window.address);
    if (isOneHost(bytes)) this.append({ address: window.address, bytes }, window, rows);
  }

  /** What is remembered, as bytes. */
  write(writer: ByteWriter): void {
    writer.u32(this.hosts.size);
    for (const [address, known] of this.hosts) {
      writer.string(address);
      for (let length = 1; length < WINDOW_FEATURE_LENGTHS_S.length; length++) {
        const newest = known[length];
        writer.floats(newest ? Float64Array.of(newest.endMs, ...newest.values) : new Float64Array(0));
      }
    }
  }

  /** Forgets all: time begins anew. */
  clear(): void {
    this.hosts.clear();
  }

  /** Remembers what `write` wrote, and nothing else. */
  read(reader: ByteReader): void {
    this.clear();
    for (let left = reader.u32(); left > 0; left--) {
      const known: (Newest | undefined)[] = [];
      const address = reader.string();
      for (let length = 1; length < WINDOW_FEATURE_LENGTHS_S.length; length++) {
        const [endMs, ...values] = reader.floats();
        known[length] = endMs === undefined ? undefined : { endMs, values: Float32Array.from(values) };
      }
      this.hosts.set(address, known);
    }
  }

  private remember(address: string, length: number, window: HostWindowFacts): void {
    const known = this.hosts.get(address) ?? [];
    this.hosts.delete(address);
    known[length] = { endMs: window.endMs, values: valuesOf(window) };
    this.hosts.set(address, known);
    if (this.hosts.size > MAX_HOSTS) this.hosts.delete(this.hosts.keys().next().value!);
  }

  private append(
    { address, bytes }: { address: string; bytes: Uint8Array },
    window: HostWindowFacts,
    rows: FeatureRows,
  ): void {
    const row = rows.append();
    const keys = rows.keys.columns;
    keys.timeUs[row] = window.endMs * 1000;
    keys.startUs[row] = window.startMs * 1000;
    keys.tellableS[row] = Math.ceil(window.endMs / 1000);
    keys.source.bytes.set(bytes, row * 16);
    keys.destination.bytes.fill(0, row * 16, row * 16 + 16);
    keys.sourcePort[row] = keys.destinationPort[row] = keys.protocol[row] = 0;
    const at = row * rows.width;
    writeValues(window, rows.matrix, at);
    const known = this.hosts.get(address) ?? [];
    for (let length = 1; length < WINDOW_FEATURE_LENGTHS_S.length; length++) {
      const newest = known[length];
      const staleMs = STALE_LENGTHS * WINDOW_FEATURE_LENGTHS_S[length]! * 1000;
      const to = at + length * MEASURES;
      if (newest && window.endMs - newest.endMs <= staleMs) rows.matrix.set(newest.values, to);
      else rows.matrix.fill(UNKNOWN, to, to + MEASURES);
    }
  }
}

function valuesOf(window: HostWindowFacts): Float32Array {
  const values = new Float32Array(MEASURES);
  writeValues(window, values, 0);
  return values;
}

function writeValues(window: HostWindowFacts, to: Float32Array, at: number): void {
  for (let k = 0; k < MEASURES; k++) to[at + k] = window[WINDOW_MEASURES[k]!.field];
}

/**
 * Whether an address is that of one host in the network: not multicast or broadcast, not the unspecified address, not
 * loopback (RFC 1122 3.2.1.3, RFC 4291 2.4). What is sent to a group is the doing of its senders.
 */
function isOneHost(bytes: Uint8Array): boolean {
  if (bytes[0] === 0xff) return false;
  let leadingZeros = 0;
  while (leadingZeros < 16 && bytes[leadingZeros] === 0) leadingZeros++;
  if (leadingZeros === 10 && bytes[10] === 0xff && bytes[11] === 0xff) {
    const first = bytes[12]!;
    return first !== 0 && first !== 127 && first < 224 && bytes[15] !== 255;
  }
  return leadingZeros < 15;
}
