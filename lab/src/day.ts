import { ATTACKS, type Attack, isOutsideAttacker } from './attacks/index.js';
import { BENIGN_ACTIVITIES, type BenignActivity } from './benign.js';
import { DayOver, type EventClock } from './event-clock.js';
import type { Programs, Running } from './programs.js';
import { chances, type Stage } from './stage.js';

/** An attack that was carried out; event time, Unix epoch, ms. */
export interface Attempt {
  readonly attack: Attack;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a day is made with. */
export interface DayOptions {
  readonly clock: EventClock;
  readonly programs: Pick<Programs, 'start'>;
  readonly folder: string;
  readonly seed: number;
  readonly isLight: boolean;
  /** Pauses between pieces of work are so many times as long; 1 for a busy office. */
  readonly calm: number;
  readonly attacks: readonly string[];
  readonly tell: (line: string) => void;
  /** Told of what could not be done. */
  readonly complain: (line: string) => void;
  /** Lets the attacker outside speak with this address of its own. */
  readonly attackFrom: (address: string) => void;
}

/** Quiet before the first attack, so that there is something normal to compare with, and between attacks. */
const FIRST_ATTACK_S = 20;
const BETWEEN_ATTACKS_S = 5;
/** Attacks that go on beside the others begin a little apart. */
const ALONGSIDE_APART_S = 3;

/** Works and attacks until the day is over. Gives what was carried out, and the attacks that no time was left for. */
export async function liveDay(options: DayOptions): Promise<{ attempts: Attempt[]; leftOut: string[] }> {
  const wanted = ATTACKS.filter(({ name }) => options.attacks.includes(name));
  const attempts: Attempt[] = [];
  const inTurn = wanted.filter(({ isAlongside }) => !isAlongside);
  const alongside = wanted.filter(({ isAlongside }) => isAlongside);
  const work = BENIGN_ACTIVITIES.filter(({ isLight }) => isLight || !options.isLight);
  await Promise.all([
    ...work.map((activity, index) => repeat(options, activity, index)),
    ...alongside.map((attack, index) => beside(options, { attack, index }, attempts)),
    attackInTurn(options, inTurn, attempts),
  ]);
  const done = attempts.map(({ attack }) => attack);
  return { attempts, leftOut: wanted.filter((attack) => !done.includes(attack)).map(({ name }) => name) };
}

async function repeat(options: DayOptions, activity: BenignActivity, index: number): Promise<void> {
  const stage = createStage(options, { number: index, deadlineMs: options.clock.endMs });
  await untilOver(options, activity.name, async () => {
    for (;;) {
      await stage.pause(-Math.log(1 - stage.random()) * activity.everyS * options.calm);
      await activity.once(stage);
    }
  });
}

async function beside(
  options: DayOptions,
  { attack, index }: { attack: Attack; index: number },
  attempts: Attempt[],
): Promise<void> {
  await untilOver(options, attack.name, async () => {
    await options.clock.sleep((FIRST_ATTACK_S / 2 + index * ALONGSIDE_APART_S) * 1000);
    await carryOut(options, attack, attempts);
  });
}

async function attackInTurn(options: DayOptions, attacks: readonly Attack[], attempts: Attempt[]): Promise<void> {
  await untilOver(options, 'attacks', async () => {
    await options.clock.sleep(FIRST_ATTACK_S * 1000);
    for (const attack of attacks) {
      if (options.clock.nowMs() + attack.limitS * 1000 > options.clock.endMs) continue;
      await carryOut(options, attack, attempts);
      await options.clock.sleep(BETWEEN_ATTACKS_S * 1000);
    }
    await options.clock.sleep(options.clock.endMs - options.clock.nowMs());
  });
}

async function carryOut(options: DayOptions, attack: Attack, attempts: Attempt[]): Promise<void> {
  const { clock, tell } = options;
  const startMs = clock.nowMs();
  const deadlineMs = Math.min(clock.endMs, startMs + attack.limitS * 1000);
  const stage = createStage(options, { number: 1000 + ATTACKS.indexOf(attack), deadlineMs });
  tell(`${attack.name}: ${attack.note}`);
  if (isOutsideAttacker(attack.attacker)) options.attackFrom(attack.attacker);
  await untilOver(options, attack.name, () => attack.run(stage));
  await stage.end();
  attempts.push({ attack, startMs, endMs: clock.nowMs() });
}

/** The end of the day, or of an activity's time, ends it without complaint; anything else ends only this, with one. */
async function untilOver({ complain }: DayOptions, name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DayOver)) complain(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}

interface StageEnd {
  /** Ends what was started and goes on. */
  end(): Promise<void>;
}

/** A stage whose programs and pauses end at its deadline. */
function createStage(
  { clock, programs, folder, seed }: DayOptions,
  { number, deadlineMs }: { number: number; deadlineMs: number },
): Stage & StageEnd {
  const started = new Set<Running>();
  const start = (machine: string, argv: readonly string[], limitS: number): Running => {
    const leftS = (deadlineMs - clock.nowMs()) / 1000;
    if (leftS <= 0) throw new DayOver('its time is over');
    const running = programs.start({ machine, argv, limitS: Math.min(limitS, leftS) });
    started.add(running);
    void clock.during(running.ended.finally(() => started.delete(running)));
    return running;
  };
  return {
    folder,
    random: chances(seed * 7919 + number),
    start,
    run: async (machine, argv, limitS = 60) => start(machine, argv, limitS).ended,
    pause: async (seconds) => {
      if (clock.nowMs() >= deadlineMs) throw new DayOver('its time is over');
      await clock.sleep(seconds * 1000);
    },
    end: async () => void (await Promise.all([...started].map((running) => running.end()))),
  };
}
