import { describe, expect, it } from 'vitest';
import { compareViews } from './compare.js';
import { isUnexplained } from './report.js';
import type { TsharkPacket, WeirPacket, WeirView } from './views.js';

const KEY = '17 10.0.0.1:4000 10.0.0.2:53';
const OTHER = '17 10.0.0.1:4001 10.0.0.2:53';

function weirPacket(fields: Partial<WeirPacket> = {}): WeirPacket {
  const nothing = { names: [], isNameCut: false, breaches: 0 };
  return { conversation: KEY, lengthBytes: 100, protocol: 17, ...nothing, ...fields };
}

function tsharkPacket(fields: Partial<TsharkPacket> = {}): TsharkPacket {
  const usual = {
    isLaterFragment: false,
    isCut: false,
    isRepeated: false,
    isStream: false,
    hasUnlistedRecord: false,
    names: [],
  };
  const layers = ['eth', 'ethertype', 'ip', 'udp', 'dns'];
  return { conversation: KEY, lengthBytes: 100, communityId: '1:a', layers, ...usual, ...fields };
}

function weirView(packets: WeirPacket[], totals: [string, number, number][] = [[KEY, 1, 100]]): WeirView {
  const conversations = new Map(totals.map(([key, count, bytes]) => [key, { packets: count, bytes }]));
  return { packets, conversations, communityIds: new Map([['1:a', KEY]]) };
}

const unexplained = (view: WeirView, packets: TsharkPacket[]) =>
  compareViews(view, packets)
    .differences.filter(isUnexplained)
    .map(({ subject }) => subject);

describe('the comparison', () => {
  it('finds no difference between equal views', () => {
    const view = weirView([weirPacket({ names: ['a.example'] })]);
    const { agreed, differences } = compareViews(view, [tsharkPacket({ names: ['a.example'] })]);
    expect(agreed).toEqual({ packet: 1, conversation: 1, name: 1, 'community-id': 1 });
    expect(differences).toEqual([]);
  });

  it('cannot explain a packet that a flow record lost', () => {
    const view = weirView([weirPacket(), weirPacket()], [[KEY, 1, 100]]);
    expect(unexplained(view, [tsharkPacket(), tsharkPacket()])).toEqual(['conversation']);
  });

  it('cannot explain one byte more in a flow record', () => {
    expect(unexplained(weirView([weirPacket()], [[KEY, 1, 101]]), [tsharkPacket()])).toEqual(['conversation']);
  });

  it('cannot explain other ports, another length, another name or another ID', () => {
    const other = weirView([weirPacket({ conversation: OTHER })], [[OTHER, 1, 100]]);
    expect(unexplained(other, [tsharkPacket()])).toEqual(['conversation', 'conversation']);
    expect(unexplained(weirView([weirPacket()]), [tsharkPacket({ lengthBytes: 99 })])).toContain('packet');
    const named = weirView([weirPacket({ names: ['a.example'] })]);
    expect(unexplained(named, [tsharkPacket({ names: ['b.example'] })])).toEqual(['name', 'name']);
    expect(unexplained(weirView([weirPacket()]), [tsharkPacket({ communityId: '1:b' })])).toEqual([
      'community-id',
      'community-id',
    ]);
  });

  it('cannot explain a packet that one of them did not read', () => {
    expect(unexplained(weirView([weirPacket()]), [tsharkPacket(), tsharkPacket()])).toEqual(['packet', 'conversation']);
  });

  it('explains the second question of a message, and no other name beside it', () => {
    const view = weirView([weirPacket({ names: ['a.example'] })]);
    const result = compareViews(view, [tsharkPacket({ names: ['a.example', 'b.example'] })]);
    expect(result.differences.map(({ reasons }) => reasons)).toEqual([['further-question']]);
  });

  it('explains a conversation only when every packet of it is explained', () => {
    const view = weirView(
      [weirPacket({ conversation: OTHER }), weirPacket({ conversation: OTHER })],
      [[OTHER, 2, 200]],
    );
    const inner = tsharkPacket({ layers: ['eth', 'ethertype', 'ip', 'udp', 'teredo', 'ipv6', 'udp', 'dns'] });
    expect(unexplained(view, [inner, inner])).toEqual([]);
    expect(unexplained(view, [inner, tsharkPacket()])).toEqual(['conversation', 'conversation']);
  });

  it('explains the ID of a later fragment, but not its conversation', () => {
    const fragment = tsharkPacket({ isLaterFragment: true, communityId: '1:b' });
    expect(unexplained(weirView([weirPacket()]), [fragment])).toEqual([]);
    const moved = weirView([weirPacket({ conversation: OTHER })], [[OTHER, 1, 100]]);
    expect(unexplained(moved, [fragment])).toContain('conversation');
  });
});
