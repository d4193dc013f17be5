import { NoteKind } from '@weir/contracts';
import { type KeyedDetector, ROLL_EVERY_S } from './keyed-detector.js';

type With<Hook extends keyof KeyedDetector> = KeyedDetector & Required<Pick<KeyedDetector, Hook>>;

/** Keyed detectors by what they look at, so that none is asked in vain for every row. */
export interface KeyedObservers {
  /** For each detector of the partition, in their order: 1 when its store has something to be looked at. */
  readonly reports: Uint8Array;
  /** Step of time that the stores have heard of; −1 none. Unit: s. */
  rolledToS: number;
  readonly activity: readonly With<'observeActivity'>[];
  readonly service: readonly With<'observeService'>[];
  readonly icmp: readonly With<'observeIcmp'>[];
  readonly breach: readonly With<'observeBreach'>[];
  /** By kind of note. */
  readonly note: readonly (readonly With<'observeNote'>[])[];
  readonly window: readonly With<'observeWindow'>[];
  readonly pane: readonly With<'observePane'>[];
}

const known = new WeakMap<readonly KeyedDetector[], KeyedObservers>();

/** The detectors of a partition by what they look at. */
export function observersOf(keyed: readonly KeyedDetector[]): KeyedObservers {
  const found = known.get(keyed);
  if (found) return found;
  const observing = <H extends keyof KeyedDetector>(hook: H) =>
    keyed.filter((detector): detector is With<H> => detector[hook] !== undefined);
  const reports = new Uint8Array(keyed.length);
  for (const [place, { counts }] of keyed.entries()) counts.touched.reportTo(reports, place);
  const observers = {
    reports,
    rolledToS: -1,
    activity: observing('observeActivity'),
    service: observing('observeService'),
    icmp: observing('observeIcmp'),
    breach: observing('observeBreach'),
    note: byNoteKind(observing('observeNote')),
    window: observing('observeWindow'),
    pane: observing('observePane'),
  };
  known.set(keyed, observers);
  return observers;
}

function byNoteKind<D extends KeyedDetector>(detectors: readonly D[]): D[][] {
  return Object.values(NoteKind).map((kind) => detectors.filter(({ noteKinds }) => noteKinds?.includes(kind)));
}

/** Lets time come to pane `second` in all stores. Those of a state that was just decoded may hear of a step again. */
export function rollStores(keyed: readonly KeyedDetector[], second: number): void {
  const observers = observersOf(keyed);
  const step = second - (second % ROLL_EVERY_S);
  if (step === observers.rolledToS) return;
  observers.rolledToS = step;
  for (const { counts } of keyed) counts.rollTo(step);
}
