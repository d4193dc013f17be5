import { finish, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { DistinctSets } from '../../../features/distinct-sets.js';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { KeyedCounts, type KeyedEntry } from '../stores/keyed-counts.js';

const EVERYBODY = '255.255.255.255';
const QUESTIONS = 0;
/** Of these, such as come from addresses that no maker gave out. */
const MADE_UP = 1;

/** Message that looks for servers (RFC 2131 3.1); the same number looks for them in IPv6 (RFC 8415 7.3). */
const DISCOVER = 1;
const MAC_LENGTH = 17;
/** Half of the time over which questions are counted. */
const HALF_WINDOW_S = 10;
/** Second hexadecimal digit of a hardware address that its owner has made up (IEEE 802). */
const LOCAL_DIGITS: ReadonlySet<number> = new Set(Array.from('26aeAE', (digit) => digit.charCodeAt(0)));

/** A network whose addresses are asked for by machines that do not exist, until none is left. */
export class AddressStarvation implements KeyedDetector<KeyedEntry> {
  readonly name = 'address-starvation';
  readonly kind = 'rogue-server';
  readonly sees =
    'A great many machines that look for a DHCP server within seconds: hardware addresses made up to take all addresses of a network, as whoever wants to give out others does first.';
  readonly how =
    'Counts the distinct hardware addresses that send a DISCOVER on the network of a sensor. A building whose power comes back asks over minutes, and with a few hundred machines.';
  readonly blindTo =
    'Slow starvation, requests for addresses without looking for a server first, and networks behind a relay.';
  readonly evadedBy =
    'Five addresses a second (ten are told): a network of 250 is empty in half a minute all the same.';
  readonly techniques = [{ id: 'T1557.003', name: 'Adversary-in-the-Middle: DHCP Spoofing' }];
  readonly advice = [
    'Find the switch port from which so many hardware addresses speak, and close it.',
    'Look whether another DHCP server answers meanwhile.',
    'Limit hardware addresses for each port, and turn on DHCP snooping.',
  ];
  readonly noteKinds = [NoteKind.dhcp];
  readonly counts: KeyedCounts;

  constructor(config: HostConfig, sets: DistinctSets) {
    this.counts = new KeyedCounts(2, config.maxKeys, sets);
    this.counts.halfWindowS = HALF_WINDOW_S;
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    if (c.noteCode[i] !== DISCOVER) return;
    const { data, offsets } = c.noteText;
    const start = offsets[i]!;
    if (offsets[i + 1]! - start < MAC_LENGTH) return;
    const key = finish(mix(59, this.counts.sensorBit));
    const entry = this.counts.get(key) ?? this.counts.create(key, { client: '', subject: '', port: 67 });
    if (!entry) return;
    entry.now[QUESTIONS]!++;
    if (LOCAL_DIGITS.has(data[start + 1]!)) entry.now[MADE_UP]!++;
    this.counts.addDistinct(entry, hashBytes(data, start, start + MAC_LENGTH));
    this.counts.touch(entry, c.timeUs[i]!, c.timeUs[i]!);
  }

  magnitude(entry: KeyedEntry, { addressStarvation }: HostConfig): number {
    return this.counts.distinct(entry) / addressStarvation.machines;
  }

  argue(entry: KeyedEntry, { addressStarvation }: HostConfig): Argument {
    const machines = this.counts.distinct(entry);
    const questions = this.counts.total(entry, QUESTIONS);
    const seconds = 2 * HALF_WINDOW_S;
    return {
      entity: 'DHCP',
      severity: 'medium',
      confidence: 0.75,
      startUs: this.counts.firstUs(entry),
      endUs: entry.lastUs,
      sources: [],
      // Whom all of them ask.
      targets: [EVERYBODY],
      title: 'The addresses of a network are asked for until none is left',
      summary: `${readable(machines)} hardware addresses looked for a DHCP server within ${seconds} s, in ${readable(questions)} messages.`,
      evidence: [
        {
          measure: 'hardware addresses that look for a server',
          unit: 'address',
          value: machines,
          normal: 5,
          threshold: addressStarvation.machines,
        },
        {
          measure: 'messages of addresses that are made up by the device',
          unit: 'message',
          value: this.counts.total(entry, MADE_UP),
        },
      ],
      counterfactual: `Fewer than ${addressStarvation.machines} hardware addresses in ${seconds} s.`,
      flows: [],
    };
  }
}
