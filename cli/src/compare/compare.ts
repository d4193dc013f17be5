import { explainHeaders, explainName, type Reason } from './explain.js';
import { type Totals, totalsOf } from './totals.js';
import type { TsharkPacket, WeirPacket, WeirView } from './views.js';

/** What is compared. */
export type Subject = 'packet' | 'conversation' | 'name' | 'community-id';

/** One thing on which the two differ. */
export interface Difference {
  readonly subject: Subject;
  /** Conversation, name or Community ID, and what each makes of it. */
  readonly detail: string;
  /** Numbers of packets that show it, from 1, and what explains each. */
  readonly packets: readonly number[];
  /** All that explains it; empty when something does not. */
  readonly reasons: readonly Reason[];
}

/** How many things agree, and the differences. */
export interface Comparison {
  readonly packets: number;
  readonly agreed: Readonly<Record<Subject, number>>;
  readonly differences: readonly Difference[];
}

/** Both sides of each packet, by its number from 0. */
class Pairs {
  constructor(
    readonly weir: readonly WeirPacket[],
    readonly tshark: readonly TsharkPacket[],
  ) {}

  get count(): number {
    return Math.max(this.weir.length, this.tshark.length);
  }

  /** A difference that these packets show. It is explained when each of them is. */
  difference(subject: Subject, detail: string, indices: readonly number[]): Difference {
    const explain = subject === 'name' ? explainName : explainHeaders;
    const reasons = indices.map((i) => explain(this.weir[i], this.tshark[i]));
    const isExplained = reasons.length > 0 && reasons.every((reason) => reason !== undefined);
    return {
      subject,
      detail,
      packets: indices.map((i) => i + 1),
      reasons: isExplained ? [...new Set(reasons as Reason[])] : [],
    };
  }
}

/** Compares both views of one capture. */
export function compareViews(weir: WeirView, tshark: readonly TsharkPacket[]): Comparison {
  const pairs = new Pairs(weir.packets, tshark);
  const results = [
    comparePackets(pairs),
    compareConversations(pairs, weir),
    compareNames(pairs),
    compareIds(pairs, weir),
  ];
  const [packet, conversation, name, id] = results.map(({ agreed }) => agreed) as [number, number, number, number];
  return {
    packets: tshark.length,
    agreed: { packet, conversation, name, 'community-id': id },
    differences: results.flatMap(({ differences }) => differences),
  };
}

interface Result {
  readonly agreed: number;
  readonly differences: readonly Difference[];
}

/** Length on the wire of each packet. */
function comparePackets(pairs: Pairs): Result {
  const differing: number[] = [];
  for (let i = 0; i < pairs.count; i++)
    if (pairs.weir[i]?.lengthBytes !== pairs.tshark[i]?.lengthBytes) differing.push(i);
  const detail = (i: number) => `Weir ${pairs.weir[i]?.lengthBytes} bytes, tshark ${pairs.tshark[i]?.lengthBytes}`;
  return {
    agreed: pairs.count - differing.length,
    differences: differing.map((i) => pairs.difference('packet', detail(i), [i])),
  };
}

function compareConversations(pairs: Pairs, { conversations }: WeirView): Result {
  const expected = sumConversations(pairs.tshark);
  const decoded = sumConversations(pairs.weir);
  const moved = movedPackets(pairs);
  const keys = [...new Set([...expected.keys(), ...conversations.keys()])];
  const differing = keys.filter((key) => !isEqual(conversations.get(key), expected.get(key)));
  const differences = differing.map((key) => {
    const detail = `${key}: Weir ${totalsText(conversations.get(key))}, tshark ${totalsText(expected.get(key))}`;
    const isCounted = isEqual(conversations.get(key), decoded.get(key));
    if (!isCounted)
      return pairs.difference('conversation', `${detail}, but decoded ${totalsText(decoded.get(key))}`, []);
    return pairs.difference('conversation', detail, moved.get(key) ?? []);
  });
  return { agreed: keys.length - differing.length, differences };
}

function sumConversations(packets: readonly (WeirPacket | TsharkPacket)[]): Map<string, Totals> {
  const sums = new Map<string, Totals>();
  for (const { conversation, lengthBytes } of packets) {
    if (conversation === undefined) continue;
    const totals = totalsOf(sums, conversation);
    totals.packets++;
    totals.bytes += lengthBytes;
  }
  return sums;
}

/** The packets that each conversation has on one side alone. */
function movedPackets({ weir, tshark, count }: Pairs): Map<string, number[]> {
  const moved = new Map<string, number[]>();
  for (let i = 0; i < count; i++) {
    const [mine, theirs] = [weir[i]?.conversation, tshark[i]?.conversation];
    if (mine === theirs) continue;
    for (const key of [mine, theirs]) if (key !== undefined) listOf(moved, key).push(i);
  }
  return moved;
}

function isEqual(a: Totals | undefined, b: Totals | undefined): boolean {
  return a?.packets === b?.packets && a?.bytes === b?.bytes;
}

function totalsText(totals: Totals | undefined): string {
  return totals ? `${totals.packets} packets ${totals.bytes} bytes` : 'nothing';
}

/** Names packet by packet, each as often as it occurs. */
function compareNames(pairs: Pairs): Result {
  const differences: Difference[] = [];
  let agreed = 0;
  for (let i = 0; i < pairs.count; i++) {
    const mine = pairs.weir[i]?.names ?? [];
    const theirs = pairs.tshark[i]?.names ?? [];
    if (mine.length === 0 && theirs.length === 0) continue;
    const mineAlone = without(mine, theirs);
    agreed += mine.length - mineAlone.length;
    for (const name of mineAlone) differences.push(pairs.difference('name', `"${name}": Weir alone`, [i]));
    for (const name of without(theirs, mine))
      differences.push(pairs.difference('name', `"${name}": tshark alone`, [i]));
  }
  return { agreed, differences };
}

/** What is left of `names` when each of `others` takes away one that equals it. */
function without(names: readonly string[], others: readonly string[]): string[] {
  const left = [...names];
  for (const other of others) {
    const at = left.indexOf(other);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

/** The set of Community IDs of the flow records, and the set that tshark gives its packets. */
function compareIds(pairs: Pairs, { communityIds }: WeirView): Result {
  const theirs = groupIndices(pairs.tshark, ({ communityId }) => communityId);
  const byConversation = groupIndices(pairs.weir, ({ conversation }) => conversation);
  const mineAlone = [...communityIds].filter(([id]) => !theirs.has(id));
  const theirsAlone = [...theirs].filter(([id]) => !communityIds.has(id));
  return {
    agreed: communityIds.size - mineAlone.length,
    differences: [
      ...mineAlone.map(([id, key]) =>
        pairs.difference('community-id', `${id}: Weir alone, ${key}`, byConversation.get(key) ?? []),
      ),
      ...theirsAlone.map(([id, indices]) => pairs.difference('community-id', `${id}: tshark alone`, indices)),
    ],
  };
}

function groupIndices<P>(packets: readonly P[], keyOf: (packet: P) => string | undefined): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  packets.forEach((packet, i) => {
    const key = keyOf(packet);
    if (key !== undefined) listOf(groups, key).push(i);
  });
  return groups;
}

function listOf(groups: Map<string, number[]>, key: string): number[] {
  let list = groups.get(key);
  if (list === undefined) {
    list = [];
    groups.set(key, list);
  }
  return list;
}
