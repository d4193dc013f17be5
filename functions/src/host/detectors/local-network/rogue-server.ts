import { finish, hashBytes, mix, NOTE_CODE_RESPONSE, NoteKind, type NoteTable } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import type { Argument } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { FirstSeen, type SightingEntry } from '../stores/first-seen.js';

/** A server that gives out addresses or routes on a network where others did so until now. */
export class RogueServer implements KeyedDetector<SightingEntry> {
  readonly name = 'rogue-server';
  readonly kind = 'rogue-server';
  readonly sees =
    'A DHCP server, or a router that announces itself, that is new on a network; or one that now names another router or DNS server.';
  readonly how =
    'Who answers by DHCP with which router and DNS server, and who announces IPv6 routes, is remembered for 30 days by sensor. For the first day everything is new and nothing is told.';
  readonly blindTo = 'A server that was there in the first day, and answers that the sensor does not see.';
  readonly evadedBy = 'Taking the address of the known server after it was silenced, and giving out its settings.';
  readonly techniques = [{ id: 'T1557.003', name: 'Adversary-in-the-Middle: DHCP Spoofing' }];
  readonly advice = [
    'Ask whether the server was put there or changed on purpose.',
    'If not, find its switch port and close it; machines that got their settings from it must ask anew.',
    'Turn on DHCP snooping and RA guard on the switches.',
  ];
  readonly noteKinds = [NoteKind.routerAdvertisement, NoteKind.dhcp];
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
    const isRouter = c.noteKind[i] === NoteKind.routerAdvertisement;
    const isDhcp = c.noteKind[i] === NoteKind.dhcp && (c.noteCode[i]! & NOTE_CODE_RESPONSE) !== 0;
    if (!isRouter && !isDhcp) return;
    const { data, offsets } = c.noteText;
    const text = Buffer.from(data.buffer, data.byteOffset + offsets[i]!, offsets[i + 1]! - offsets[i]!);
    const scope = finish(mix(mix(43, this.counts.sensorBit), isRouter ? 1 : 0));
    const server = isRouter ? text.toString().split(' ')[0]! : dottedQuad(c.noteValue[i]!);
    const [, router = '-', dns = '-'] = text.toString().split(' ');
    const gives = isRouter ? '' : `router ${router} and DNS server ${dns}`;
    const key = finish(mix(scope, hashBytes(Buffer.from(`${server} ${gives}`))));
    this.counts.see(key, scope, c.timeUs[i]!, () => ({
      who: server,
      what: gives,
      detail: '',
      port: isRouter ? 0 : 67,
    }));
  }

  magnitude(entry: SightingEntry): number {
    return entry.about.isNew ? 1 : 0;
  }

  argue(entry: SightingEntry, { learning }: HostConfig): Argument {
    const { who, what, port } = entry.about;
    entry.about.isNew = false;
    const service = port === 67 ? 'DHCP server' : 'IPv6 router';
    return {
      entity: `${service} ${who} ${what}`.trim(),
      severity: 'medium',
      confidence: 0.6,
      startUs: entry.firstUs,
      endUs: entry.lastUs,
      sources: [who],
      targets: [],
      title: `${who} is a new ${service}`,
      summary: `${who} speaks as ${/^[AEIO]/.test(service) ? 'an' : 'a'} ${service} on this network${what === '' ? '' : `, and gives out ${what}`}, for the first time in ${learning.rememberDays} days.`,
      evidence: [{ measure: 'times that it did so before', unit: '1', value: 0, normal: 10 }],
      counterfactual: 'The server and the settings that this network has known.',
      flows: [],
    };
  }
}

function dottedQuad(word: number): string {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.');
}
