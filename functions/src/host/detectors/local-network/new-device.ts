import { finish, formatAddress, hashBytes, mix, NoteKind, type NoteTable } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import type { Argument } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { FirstSeen, type SightingEntry } from '../stores/first-seen.js';

const MAC_LENGTH = 17;
/** Second digit of a hardware address that its owner has made up, as telephones do anew in each network (IEEE 802). */
const LOCAL_ADDRESS = /^.[26ae]/;

/** A hardware address that this network has not seen before. */
export class NewDevice implements KeyedDetector<SightingEntry> {
  readonly name = 'new-device';
  readonly kind = 'new-device';
  readonly sees = 'A machine whose hardware address speaks ARP or DHCP on a network for the first time.';
  readonly how =
    'The hardware addresses of each sensor are remembered for 30 days. For the first day everything is new and nothing is told.';
  readonly blindTo = 'Machines behind a router, and those that take the address of a known one.';
  readonly evadedBy = 'Using the hardware address of a machine that is switched off.';
  readonly techniques = [{ id: 'T1200', name: 'Hardware Additions' }];
  readonly advice = ['Find the switch port or access point of the address, and whose machine it is.'];
  readonly noteKinds = [NoteKind.arpRequest, NoteKind.arpReply, NoteKind.dhcp];
  readonly counts: FirstSeen;

  constructor({ maxLastingKeys, learning }: HostConfig) {
    this.counts = new FirstSeen({
      maxKeys: maxLastingKeys,
      learnS: learning.hours * 3600,
      rememberS: learning.rememberDays * 86_400,
    });
  }

  observeNote(notes: NoteTable, i: number): void {
    const c = notes.columns;
    const kind = c.noteKind[i]!;
    const { data, offsets } = c.noteText;
    const start = offsets[i]!;
    // The text of DHCP begins with the client's hardware address too.
    if (offsets[i + 1]! - start < MAC_LENGTH) return;
    const scope = finish(mix(31, this.counts.sensorBit));
    const key = finish(mix(scope, hashBytes(data, start, start + MAC_LENGTH)));
    this.counts.see(key, scope, c.timeUs[i]!, () => ({
      who: Buffer.from(data.buffer, data.byteOffset + start, MAC_LENGTH).toString('latin1'),
      what: kind === NoteKind.dhcp ? '' : formatAddress(c.clientAddress.bytes, i * 16),
      detail: '',
      port: 0,
    }));
  }

  magnitude(entry: SightingEntry): number {
    return entry.about.isNew ? 1 : 0;
  }

  argue(entry: SightingEntry, { learning }: HostConfig): Argument {
    const { who, what } = entry.about;
    entry.about.isNew = false;
    const isMadeUp = LOCAL_ADDRESS.test(who);
    return {
      entity: who,
      severity: 'info',
      confidence: isMadeUp ? 0.4 : 0.8,
      startUs: entry.firstUs,
      endUs: entry.lastUs,
      sources: [who],
      targets: [],
      title: `${who} is new here`,
      summary: `${who}${what === '' ? '' : `, as ${what},`} spoke on this network for the first time in ${learning.rememberDays} days${isMadeUp ? '; its address is one that a device has made up, as telephones do' : ''}.`,
      evidence: [
        { measure: 'times seen before', unit: '1', value: 0, normal: 1 },
        { measure: 'address made up by the device', unit: '1', value: isMadeUp ? 1 : 0 },
      ],
      counterfactual: `To have been seen here within ${learning.rememberDays} days.`,
      flows: [],
    };
  }
}
