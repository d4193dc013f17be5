/** What is counted of a host in each hour. */
export const HABITS = [
  { name: 'connections that ended', unit: 'connection', least: 100 },
  { name: 'bytes sent', unit: 'byte', least: 20_000_000 },
  { name: 'hosts connected to', unit: 'host', least: 20 },
] as const;

const HOUR_S = 3600;
/** Parts of a day of six hours, on work days and at weekends. */
const SLOTS = 8;
/** Of each habit in each slot: mean and mean deviation of ln(1 + count). */
const NUMBERS = 2 * HABITS.length;
/** A count that always was the same may still vary by this factor's logarithm. */
const LEAST_DEVIATION = 0.35;
/** Weight of the newest hour once this many were learnt; before, all hours weigh the same. */
const LONG_MEMORY_HOURS = 60;
/** An hour is learnt as at most this many deviations above the mean, so that what grows slowly is followed, not more. */
const LEARN_AT_MOST = 3;
/** Silent hours are learnt up to a week. */
const MOST_SILENT_HOURS = 168;
const PEER_BITS = 64;

/** A host, this hour, and what is usual in each part of its week. */
export interface Habits {
  host: string;
  hour: number;
  connections: number;
  bytes: number;
  /** Peers as bits of a hash, in two words: a set of up to about 200 (linear counting, Whang 1990). */
  peers: [number, number];
  /** NUMBERS for each slot. */
  usual: number[];
  hoursLearnt: number[];
  isTold: boolean;
}

export function newHabits(host: string): Habits {
  return {
    host,
    ...{ hour: 0, connections: 0, bytes: 0, peers: [0, 0], isTold: false },
    usual: Array<number>(SLOTS * NUMBERS).fill(0),
    hoursLearnt: Array<number>(SLOTS).fill(0),
  };
}

/** Part of the week of an hour since 1970, in UTC: 0 to 3 on work days, 4 to 7 at weekends. 1970-01-01 was a Thursday. */
export function slotOf(hour: number): number {
  const day = (Math.floor(hour / 24) + 3) % 7;
  return Math.floor((hour % 24) / 6) + (day >= 5 ? 4 : 0);
}

/** Lets the habits count the hour of `second`; what is over is learnt, unless it was told. */
export function enterHour(habits: Habits, second: number): void {
  const hour = Math.floor(second / HOUR_S);
  if (hour <= habits.hour) return;
  if (habits.hour > 0) {
    if (!habits.isTold) learn(habits, habits.hour, countsOf(habits));
    const silentFrom = Math.max(habits.hour + 1, hour - MOST_SILENT_HOURS);
    for (let silent = silentFrom; silent < hour; silent++) learn(habits, silent, [0, 0, 0]);
  }
  Object.assign(habits, { hour, connections: 0, bytes: 0, peers: [0, 0], isTold: false });
}

export function addPeer(habits: Habits, hash: number): void {
  habits.peers[(hash >>> 5) & 1]! |= 1 << (hash & 31);
}

/** This hour's counts, in the order of HABITS. */
export function countsOf({ connections, bytes, peers }: Habits): number[] {
  const set = bitsOf(peers[0]) + bitsOf(peers[1]);
  const zeros = Math.max(1, PEER_BITS - set);
  return [connections, bytes, Math.round(-PEER_BITS * Math.log(zeros / PEER_BITS))];
}

function bitsOf(word: number): number {
  let count = 0;
  for (let left = word; left !== 0; left &= left - 1) count++;
  return count;
}

function learn({ usual, hoursLearnt }: Habits, hour: number, counts: readonly number[]): void {
  const slot = slotOf(hour);
  const learnt = hoursLearnt[slot]!;
  const weight = 1 / (Math.min(learnt, LONG_MEMORY_HOURS) + 1);
  counts.forEach((count, k) => {
    const at = slot * NUMBERS + 2 * k;
    const mean = usual[at]!;
    const most = mean + LEARN_AT_MOST * Math.max(LEAST_DEVIATION, usual[at + 1]!);
    const value = learnt < 3 ? Math.log1p(count) : Math.min(Math.log1p(count), most);
    usual[at]! += weight * (value - mean);
    usual[at + 1]! += weight * (Math.abs(value - mean) - usual[at + 1]!);
  });
  hoursLearnt[slot]!++;
}

/** The habit that this hour departs from most. */
export interface Departure {
  habit: (typeof HABITS)[number];
  count: number;
  /** What is usual in this part of the week. */
  usual: number;
  /** By how many mean deviations of the logarithm it is above. */
  deviations: number;
  hoursLearnt: number;
}

export function largestDeparture(habits: Habits): Departure {
  const slot = slotOf(habits.hour);
  const departures = countsOf(habits).map((count, k): Departure => {
    const mean = habits.usual[slot * NUMBERS + 2 * k]!;
    const deviation = Math.max(LEAST_DEVIATION, habits.usual[slot * NUMBERS + 2 * k + 1]!);
    const isEnough = count >= HABITS[k]!.least;
    return {
      habit: HABITS[k]!,
      count,
      usual: Math.round(Math.expm1(mean)),
      deviations: isEnough ? (Math.log1p(count) - mean) / deviation : 0,
      hoursLearnt: habits.hoursLearnt[slot]!,
    };
  });
  return departures.reduce((most, other) => (other.deviations > most.deviations ? other : most));
}
