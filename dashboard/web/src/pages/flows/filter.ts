import type { FlowItem } from '@weir/contracts/dashboard-api';
import { outcomeName, protocolName } from '../../formats/words.js';

/** Whether every word of a search begins some part of the flow: an address, a port, protocol, outcome or application. */
export function flowFits(flow: FlowItem, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const parts = [
    flow.originator, flow.responder, String(flow.originatorPort), String(flow.responderPort),
    protocolName(flow.protocol).toLowerCase(), outcomeName(flow.outcome), flow.application ?? '', flow.communityId, flow.sensor,
  ]; // biome-ignore format: a list to read
  return words.every((word) => parts.some((part) => part.startsWith(word)));
}

/** Words of a search, in small letters; a Community ID keeps its case. */
export function searchWords(text: string): string[] {
  return text
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => (word.startsWith('1:') ? word : word.toLowerCase()));
}
