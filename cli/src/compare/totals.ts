/** What a conversation sums to. */
export interface Totals {
  packets: number;
  /** Frame bytes on the wire. */
  bytes: number;
}

/** The totals of a conversation, which begin at zero. */
export function totalsOf(conversations: Map<string, Totals>, key: string): Totals {
  let totals = conversations.get(key);
  if (totals === undefined) {
    totals = { packets: 0, bytes: 0 };
    conversations.set(key, totals);
  }
  return totals;
}
