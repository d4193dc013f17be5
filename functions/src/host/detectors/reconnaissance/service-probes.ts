import { formatEndpoint, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, counted } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';
import { pairOfNote } from '../stores/of-note.js';

/**
 * Requests that only network scanners make: Nmap's nmap-service-probes (FourOhFourRequest) and its http library, ZGrab,
 * Masscan and Nikto, as their published sources write them.
 */
const SCANNER_REQUEST =
  /^[A-Z]+ \S*(nmap(lower|upper)check\d|\/Nmap\/folder\/check|\/nice%20ports|\/Trinity\.txt\.bak|nikto-test-)/i;
const LONGEST_REQUEST_BYTES = 128;
const SLASH = 0x2f;
/** Methods have at most seven letters; behind the method, the space and the slash. */
const LATEST_SLASH = 8;

/** Requests that only network scanners make. */
export class ServiceProbes implements KeyedDetector<KeyedEntry> {
  readonly name = 'service-probes';
  readonly kind = 'port-scan';
  readonly sees = 'A request to a web server that only a network scanner makes, to find out what the service is.';
  readonly how =
    'Compares the path of each HTTP request with the few made-up ones that scanners use to see how a server says no.';
  readonly blindTo = 'HTTPS, services other than HTTP, and scanners that ask for what others ask for too.';
  readonly evadedBy = 'One changed word in the source of the scanner.';
  readonly techniques = [
    { id: 'T1046', name: 'Network Service Discovery' },
    { id: 'T1595.002', name: 'Active Scanning: Vulnerability Scanning' },
  ];
  readonly advice = [
    'Find out who runs the source and whether the scan was announced.',
    'Look what else the source has reached: a scanner comes to a service after it has found the port.',
  ];
  readonly noteKinds = [NoteKind.httpRequest];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(1, config.maxKeys, sets);
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (!isScannerRequest(notes, i)) return;
    const entry = pairOfNote(this.counts, notes, i);
    if (!entry) return;
    entry.now[0]!++;
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry): number {
    return this.counts.total(entry, 0);
  }

  argue(entry: KeyedEntry): Argument {
    const requests = this.counts.total(entry, 0);
    return {
      // As a port scan of the same source, of which it is a part.
      entity: entry.client,
      severity: 'medium',
      confidence: 0.95,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `${entry.client} finds out what ${entry.subject} runs with a network scanner`,
      summary: `${entry.client} sent ${counted(requests, 'request')} to ${formatEndpoint(entry.subject, entry.port)} within ${KEYED_WINDOW_S} s that only network scanners make.`,
      evidence: [{ measure: 'requests of a scanner', unit: 'request', value: requests, normal: 0, threshold: 1 }],
      counterfactual: 'No such request.',
      flows: [],
    };
  }
}

function isScannerRequest(notes: NoteTable, i: number): boolean {
  const { data, offsets } = notes.columns.noteText;
  const start = offsets[i]!;
  const end = Math.min(offsets[i + 1]!, start + LONGEST_REQUEST_BYTES);
  const slash = data.subarray(start, Math.min(end, start + LATEST_SLASH + 1)).indexOf(SLASH);
  // All of these begin with an n, t or N behind the slash: the expression is for few.
  if (slash < 0 || !isBeginning(data[start + slash + 1]! | 0x20)) return false;
  return SCANNER_REQUEST.test(Buffer.from(data.buffer, data.byteOffset + start, end - start).toString('latin1'));
}

function isBeginning(letter: number): boolean {
  return letter === 0x6e || letter === 0x74;
}
