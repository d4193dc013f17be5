import { type ActivityTable, FlowEvent, finish, formatAddress, hashAddress, mix } from '@weir/contracts';
import type { HostConfig } from '../../config.js';
import { type Argument, readable } from '../detector.js';
import type { KeyedDetector } from '../keyed-detector.js';
import { flowsOf, keepFlow } from '../stores/kept-flows.js';
import { type LastingEntry, LastingKeys } from '../stores/lasting-keys.js';
import { addPeer, enterHour, type Habits, largestDeparture, newHabits, slotOf } from './host-habits.js';

const IDLE_S = 30 * 86_400;

/** A host that does far more of something than it usually does at this time of the week. */
export class HostUnlikeItself implements KeyedDetector<LastingEntry<Habits>> {
  readonly name = 'host-unlike-itself';
  readonly kind = 'anomaly';
  readonly sees =
    'A host that in one hour connects more often, sends more, or speaks to more hosts than it usually does in this part of the week.';
  readonly how =
    'Connections, bytes sent and peers of each hour are learnt for each host, for each quarter of the day, work days and weekends apart; silent hours are learnt as such. Measured is by how many mean deviations the logarithm of the count lies above its mean. Hours that were told are not learnt, and no hour as more than three deviations above the mean.';
  readonly blindTo = 'Hosts that are known for less than some days, and what grows slowly.';
  readonly evadedBy = 'Growing by less than threefold a day.';
  readonly techniques = [{ id: 'T1078', name: 'Valid Accounts' }];
  readonly advice = ['Look what the host did in this hour that it did not do before: peers, ports, amounts.'];
  readonly counts: LastingKeys<Habits>;

  constructor(config: HostConfig) {
    this.counts = new LastingKeys<Habits>(
      { maxKeys: config.maxLastingKeys, idleS: () => IDLE_S, periodS: 3600 },
      () => undefined,
    );
  }

  observeActivity(activity: ActivityTable, i: number, { hostUnlikeItself }: HostConfig): void {
    const c = activity.columns;
    if (!(c.events[i]! & FlowEvent.ended)) return;
    const key = finish(mix(53, hashAddress(c.originatorAddress.words, i * 4)));
    // Nobody is learnt who was never answered: forged sources would take the room of hosts.
    const isAnswered = c.totalResponderPackets[i]! > 0;
    const entry = this.counts.get(key) ?? (isAnswered ? this.add(key, activity, i) : undefined);
    if (!entry) return;
    const habits = entry.about;
    enterHour(habits, c.timeUs[i]! / 1e6);
    habits.connections++;
    habits.bytes += c.totalOriginatorBytes[i]!;
    addPeer(habits, hashAddress(c.responderAddress.words, i * 4));
    keepFlow(entry.flows, activity, i);
    if (isKnown(habits, hostUnlikeItself) || !this.counts.pass(entry, c.timeUs[i]!, c.lastTimeUs[i]!))
      this.counts.touch(entry, c.timeUs[i]!, c.lastTimeUs[i]!);
  }

  private add(key: number, { columns: c }: ActivityTable, i: number): LastingEntry<Habits> | undefined {
    return this.counts.add(key, () => newHabits(formatAddress(c.originatorAddress.bytes, i * 16)));
  }

  magnitude({ about }: LastingEntry<Habits>, { hostUnlikeItself }: HostConfig): number {
    return isKnown(about, hostUnlikeItself) ? largestDeparture(about).deviations / hostUnlikeItself.deviations : 0;
  }

  argue(entry: LastingEntry<Habits>, { hostUnlikeItself }: HostConfig): Argument {
    const { habit, count, usual, deviations, hoursLearnt } = largestDeparture(entry.about);
    entry.about.isTold = true;
    const { host, hour } = entry.about;
    return {
      entity: host,
      severity: 'low',
      confidence: 0.5,
      startUs: Math.max(entry.firstUs, hour * 3600e6),
      endUs: entry.lastUs,
      sources: [host],
      targets: [],
      title: `${host} is unlike itself`,
      summary: `${host}: ${readable(count)} ${habit.name} in this hour, where ${readable(usual)} are usual for it in this part of the week.`,
      evidence: [
        { measure: habit.name, unit: habit.unit, value: count, normal: usual, threshold: habit.least },
        {
          measure: 'mean deviations above the mean, of logarithms',
          unit: '1',
          value: deviations,
          normal: 1,
          threshold: hostUnlikeItself.deviations,
        },
        { measure: 'hours learnt of this part of the week', unit: 'h', value: hoursLearnt },
      ],
      counterfactual: `About ${readable(usual)} ${habit.name}, as usual.`,
      flows: flowsOf(entry),
    };
  }
}

/** Whether enough was learnt of this part of the week to say what is usual. */
function isKnown({ hoursLearnt, hour }: Habits, settings: HostConfig['hostUnlikeItself']): boolean {
  return hoursLearnt[slotOf(hour)]! >= settings.hoursLearnt;
}
