import { type ActivityTable, finish, formatAddress, hashAddress, mix, PayloadGuess } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { KEYED_WINDOW_S, KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

/** Ports whose first payloads are text, by protocol number: TCP (6) and UDP (17). */
const PLAIN_TEXT_PORTS: ReadonlyMap<number, string> = new Map([
  [(6 << 16) | 21, 'FTP'],
  [(6 << 16) | 23, 'Telnet'],
  [(6 << 16) | 25, 'SMTP'],
  [(6 << 16) | 80, 'HTTP'],
  [(6 << 16) | 110, 'POP3'],
  [(6 << 16) | 119, 'NNTP'],
  [(6 << 16) | 143, 'IMAP'],
  [(6 << 16) | 554, 'RTSP'],
  [(6 << 16) | 5060, 'SIP'],
  [(6 << 16) | 6667, 'IRC'],
  [(6 << 16) | 8080, 'HTTP'],
  [(17 << 16) | 53, 'DNS'],
  [(17 << 16) | 514, 'syslog'],
  [(17 << 16) | 1900, 'SSDP'],
  [(17 << 16) | 5060, 'SIP'],
]);

const SAMPLES = 0;
const BYTES = 1;
const ENTROPY_SUM = 2;

/** Encrypted or packed payload on a port that promises plain text. */
export class HighEntropy implements KeyedDetector {
  readonly name = 'high-entropy';
  readonly kind = 'high-entropy-payload';
  readonly sees =
    'Flows to a plain-text port (HTTP, FTP, Telnet, SMTP, DNS and others) whose first payloads are as random as encryption.';
  readonly how =
    'Measures the entropy of the first payload of flows to ports of plain-text protocols, where it is no known protocol, and compares it with that of as many random bytes. Text has 50 to 80 % of it; compressed bodies come behind a text header.';
  readonly evadedBy = 'Beginning with GET and a space.';
  readonly blindTo =
    'Encryption behind a plausible text header, on ports without a plain-text protocol, and past the first payloads.';
  readonly techniques = [
    { id: 'T1573', name: 'Encrypted Channel' },
    { id: 'T1571', name: 'Non-Standard Port' },
  ];
  readonly advice = [
    'Find the program on the client that opened these flows.',
    'Look up who runs the server, and block it unless the program is known.',
  ];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(3, config.maxKeys, sets);
  }

  observeActivity(activity: ActivityTable, i: number, config: HostConfig): void {
    const c = activity.columns;
    const entropy = c.payloadEntropy[i]!;
    if (entropy === 0 || c.payloadGuess[i] !== PayloadGuess.unknown) return;
    if ((entropy - 1) / 254 < config.highEntropy.entropyShare) return;
    const port = c.responderPort[i]!;
    if (!PLAIN_TEXT_PORTS.has((c.protocol[i]! << 16) | port)) return;
    const originator = hashAddress(c.originatorAddress.words, i * 4);
    const key = finish(mix(mix(originator, hashAddress(c.responderAddress.words, i * 4)), port));
    const entry =
      this.counts.get(key) ??
      this.counts.create(key, {
        client: formatAddress(c.originatorAddress.bytes, i * 16),
        subject: formatAddress(c.responderAddress.bytes, i * 16),
        port: (c.protocol[i]! << 16) | port,
      });
    if (!entry) return;
    entry.now[SAMPLES]!++;
    this.counts.addDistinct(entry, finish(mix(5, c.originatorPort[i]!)));
    entry.now[BYTES]! += c.originatorBytes[i]! + c.responderBytes[i]!;
    entry.now[ENTROPY_SUM]! += (entropy - 1) / 254;
    this.counts.touch(entry, c.timeUs[i]!, c.lastTimeUs[i]!);
    keepFlow(entry.flows, activity, i);
  }

  magnitude(entry: KeyedEntry, { highEntropy }: HostConfig): number {
    return this.counts.distinct(entry) / highEntropy.flows;
  }

  argue(entry: KeyedEntry, { highEntropy }: HostConfig): Argument {
    const flows = this.counts.distinct(entry);
    const entropy = this.counts.total(entry, ENTROPY_SUM) / this.counts.total(entry, SAMPLES);
    const service = PLAIN_TEXT_PORTS.get(entry.port)!;
    const port = entry.port & 0xffff;
    return {
      entity: `${entry.client} > ${entry.subject}:${port}`,
      severity: flows >= 2 * highEntropy.flows ? 'medium' : 'low',
      confidence: 0.7,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [entry.client],
      targets: [entry.subject],
      title: `Random-looking payload from ${entry.client} on ${service} port ${port} of ${entry.subject}`,
      summary: `${readable(flows)} flows from ${entry.client} to ${service} port ${port} of ${entry.subject} began with bytes that are no ${service}: ${readable(entropy * 100)} % of the entropy of random bytes.`,
      evidence: [
        {
          measure: 'flows that began with random-looking bytes',
          unit: 'flow',
          value: flows,
          normal: 0,
          threshold: highEntropy.flows,
        },
        {
          measure: 'entropy, of that of as many random bytes',
          unit: '1',
          value: entropy,
          normal: 0.75,
          threshold: highEntropy.entropyShare,
        },
        { measure: 'bytes in their first seconds', unit: 'byte', value: this.counts.total(entry, BYTES) },
      ],
      counterfactual: `A readable ${service} dialogue, or fewer than ${highEntropy.flows} such flows in ${KEYED_WINDOW_S} s.`,
      flows: flowsOf(entry),
    };
  }
}
