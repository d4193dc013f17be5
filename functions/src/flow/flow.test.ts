import { FlowEvent, FlowRecordKind, NOTE_CODE_RESPONSE, NoteKind, Protocol, TcpFlag } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { exchange, farewell, fromClient, fromServer, handshake, refusal } from './connection.fixture.js';
import { FlowBench } from './flow.fixture.js';
import { reply, START_S } from './packets.fixture.js';

const { syn, ack, fin, rst } = TcpFlag;
const CLIENT = '192.0.2.1';
const SERVER = '198.51.100.1';

/** Events of the flow in all its rows. */
function eventsOf(bench: FlowBench): number {
  return bench.activity[0]!.reduce((all, { events }) => all | (events as number), 0);
}

describe('a flow', () => {
  it('holds the packets of both directions', () => {
    const { records } = new FlowBench().play([{}, reply({ atS: 0.1, lengthBytes: 90 }), { atS: 0.2 }]);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      kind: FlowRecordKind.ended,
      originatorAddress: CLIENT,
      responderAddress: SERVER,
      originatorPort: 40_000,
      responderPort: 80,
      originatorPackets: 2,
      responderPackets: 1,
      originatorBytes: 120,
      responderBytes: 90,
      startUs: START_S * 1e6,
      endUs: START_S * 1e6 + 200_000,
    });
  });

  it('of IPv6, or between equal ports, knows its two sides apart', () => {
    const query = { source: '2001:db8::1', destination: '2001:db8::2', sourcePort: 123, destinationPort: 123 };
    const { records } = new FlowBench().play([query, reply({ ...query, atS: 0.1 }), { ...query, atS: 0.2 }]);
    expect(records).toMatchObject([
      { originatorAddress: '2001:db8::1', responderAddress: '2001:db8::2', originatorPackets: 2, responderPackets: 1 },
    ]);
  });

  it.each([
    ['ports', { sourcePort: 40_001 }],
    ['protocol', { protocol: Protocol.sctp }],
    ['address', { source: '192.0.2.2' }],
    ['tunnel kind', { tunnelKind: 3 }],
    ['tunnel id', { tunnelId: 7 }],
  ])('is another when its %s is another', (_, other) => {
    const { records } = new FlowBench().play([{}, { ...other, atS: 0.1 }, reply({ ...other, atS: 0.2 })]);
    expect(records.map((r) => [r.originatorPackets, r.responderPackets]).sort()).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('in a tunnel names the tunnel in its record', () => {
    const { records } = new FlowBench().play([{ tunnelKind: 4, tunnelId: 0xffff_fff0 }]);
    expect(records).toMatchObject([{ tunnelKind: 4, tunnelId: 0xffff_fff0, protocol: Protocol.udp }]);
  });

  it('that is not TCP is answered or unanswered', () => {
    const bench = new FlowBench().play([{}, { sourcePort: 1 }, reply({ sourcePort: 1 })]);
    expect(bench.outcomes.sort()).toEqual(['answered', 'unanswered']);
  });
});

describe('the originator', () => {
  it('is the sender of the SYN', () => {
    const { records } = new FlowBench().play(handshake(0));
    expect(records).toMatchObject([{ originatorAddress: CLIENT, originatorPort: 50_000, responderPort: 443 }]);
  });

  it('is the addressee of a SYN-ACK whose SYN was missed', () => {
    const { records } = new FlowBench().play(handshake(0).slice(1));
    expect(records).toMatchObject([
      { originatorAddress: CLIENT, originatorPort: 50_000, responderPackets: 1, originatorPackets: 1 },
    ]);
  });

  it('is the sender of the first packet where there is neither', () => {
    const { records } = new FlowBench().play([fromServer(0, ack), fromClient(0.1, ack)]);
    expect(records).toMatchObject([{ originatorAddress: SERVER, originatorPort: 443 }]);
  });
});

describe('the outcome of a TCP flow', () => {
  const up = [...handshake(0), ...exchange(0.1)];
  it.each([
    ['halfOpen', 'a SYN without an answer', [fromClient(0, syn)]],
    ['handshakeIncomplete', 'a SYN-ACK that is never acknowledged', handshake(0).slice(0, 2)],
    ['rejected', 'a SYN that is refused', [fromClient(0, syn), refusal(0.1)]],
    ['handshakeIncomplete', 'a SYN-ACK without its SYN', [handshake(0)[1]!]],
    ['established', 'a handshake and no end', up],
    ['established', 'data both ways without a handshake', exchange(0)],
    ['unanswered', 'data one way without a handshake', exchange(0).slice(0, 1)],
    ['established', 'a FIN from one side only', [...up, fromClient(1, fin | ack)]],
    ['finished', 'a FIN from both sides', [...up, ...farewell(1)]],
    ['reset', 'a RST from the server after the handshake', [...up, refusal(1)]],
    ['reset', 'a RST from the client after the handshake', [...up, fromClient(1, rst)]],
    ['reset', 'a SYN scanner that resets what was answered', [...handshake(0).slice(0, 2), fromClient(0.1, rst)]],
  ])('is %s for %s', (outcome, _, packets) => {
    expect(new FlowBench().play(packets).outcomes).toEqual([outcome]);
  });

  it('is told to the hosts as events', () => {
    expect(eventsOf(new FlowBench().play(up))).toBe(
      FlowEvent.started | FlowEvent.answered | FlowEvent.established | FlowEvent.ended,
    );
    expect(eventsOf(new FlowBench().play([fromClient(0, syn), refusal(0)]))).toBe(
      FlowEvent.started | FlowEvent.rejected,
    );
    expect(eventsOf(new FlowBench().play([fromClient(0, fin)]))).toBe(
      FlowEvent.started | FlowEvent.oddStart | FlowEvent.unanswered,
    );
    expect(eventsOf(new FlowBench().play([fromClient(0, ack)]))).toBe(
      FlowEvent.started | FlowEvent.midstream | FlowEvent.unanswered,
    );
  });
});

describe('what TCP shows', () => {
  it('handshake time is from the SYN to the ACK of its answer', () => {
    expect(new FlowBench().play(handshake(0, 0.03)).records).toMatchObject([{ handshakeRttUs: 60_000 }]);
    expect(new FlowBench().play(handshake(0).slice(1)).records).toMatchObject([{ handshakeRttUs: 0 }]);
  });

  it('windows are those of the first packets', () => {
    const windows = [64_240, 28_960, 500];
    const packets = handshake(0).map((packet, i) => ({ ...packet, tcpWindow: windows[i]! }));
    expect(new FlowBench().play(packets).records).toMatchObject([
      { originatorInitialWindow: 64_240, responderInitialWindow: 28_960 },
    ]);
  });

  it('flags of each direction are gathered', () => {
    expect(new FlowBench().play([...handshake(0), refusal(1)]).records).toMatchObject([
      { originatorTcpFlags: syn | ack, responderTcpFlags: syn | ack | rst },
    ]);
  });

  it('a segment that brings nothing new is a retransmission, in its own direction', () => {
    const [request, answer] = exchange(0.1) as [object, object];
    const again = [request, { ...answer, atS: 0.2 }, { ...answer, atS: 0.3 }, { ...request, atS: 0.4 }];
    const packets = [fromClient(0, syn, { tcpSequence: 100 }), ...handshake(0.05), request, answer, ...again];
    expect(new FlowBench().play(packets).records).toMatchObject([
      { originatorRetransmissions: 3, responderRetransmissions: 2 },
    ]);
  });

  it('sequence numbers that pass 2^32 are not taken for retransmissions', () => {
    const segments = [0xffff_ff00, 100, 500].map((tcpSequence, i) =>
      fromClient(i / 10, ack, { tcpSequence, payloadBytes: 300 }),
    );
    expect(new FlowBench().play(segments).records).toMatchObject([{ originatorRetransmissions: 0 }]);
  });
});

describe('the end of a flow', () => {
  const connection = [...handshake(0), ...exchange(0.1)];

  it.each([
    ['FIN', farewell(1)],
    ['RST', [refusal(1)]],
  ])('by %s is followed by stragglers that still belong to it', (_, end) => {
    const packets = [...connection, ...end, fromServer(3, ack), fromClient(4, ack)];
    expect(new FlowBench({ tcpClosedTimeoutS: 5 }).play(packets).records).toHaveLength(1);
  });

  it.each([
    ['FIN', farewell(1), 'finished'],
    ['RST', [refusal(1)], 'reset'],
  ])('by %s lets a new SYN on the same ports begin another', (_, end, outcome) => {
    const bench = new FlowBench().play([...connection, ...end, ...handshake(2)]);
    expect(bench.outcomes).toEqual([outcome, 'established']);
    expect(bench.records[1]).toMatchObject({ startUs: (START_S + 2) * 1e6, originatorPackets: 2 });
  });

  it('is not brought by a new SYN while it is open', () => {
    expect(new FlowBench().play([...connection, ...handshake(2)]).records).toHaveLength(1);
  });

  it('is told once, when both sides have said FIN, with the totals up to there', () => {
    const bench = new FlowBench().play([...connection, ...farewell(3)]);
    const ended = bench.activity[0]!.filter(({ events }) => (events as number) & FlowEvent.ended);
    expect(ended).toMatchObject([
      {
        totalDurationMs: 3010,
        totalOriginatorPackets: 4,
        totalResponderPackets: 3,
        totalOriginatorBytes: 200,
        totalResponderBytes: 1000,
      },
    ]);
  });

  it('of all flows comes with the end of time', () => {
    const flood = Array.from({ length: 50 }, (_, i) => ({ sourcePort: 1000 + i, atS: i / 10 }));
    const bench = new FlowBench().play([...flood, ...connection], { endS: START_S + 6 });
    expect(bench.records).toHaveLength(0);
    bench.play([], { header: { sequence: 1 } });
    expect(bench.records).toHaveLength(51);
    expect(bench.hostBatches.at(-1)!.counters).toMatchObject({ flowsLive: 0, flowsStarted: 51, flowsEnded: 51 });
  });
});

describe('notes', () => {
  const dns = { destinationPort: 53, noteText: 'example.org' };
  it('go to the client, whichever way the packet went', () => {
    const [notes] = new FlowBench().play([
      { ...dns, noteKind: NoteKind.dnsQuery, noteCode: 16, noteValue: 9 },
      reply({ ...dns, atS: 0.1 }, { noteKind: NoteKind.dnsResponse }),
      reply({ sourcePort: 2, destinationPort: 22, atS: 0.2 }, { noteKind: NoteKind.dnsResponse }),
    ]).notes;
    expect(notes).toMatchObject([
      { clientAddress: CLIENT, serverAddress: SERVER, serverPort: 53, noteKind: NoteKind.dnsQuery, noteCode: 16 },
      { clientAddress: CLIENT, serverAddress: SERVER, serverPort: 53, noteKind: NoteKind.dnsResponse },
      { clientAddress: CLIENT, serverAddress: SERVER, serverPort: 22 },
    ]);
    expect(notes![0]).toMatchObject({ noteValue: 9, noteText: Buffer.from('example.org').toString('hex') });
  });

  it('of a server in a flow that the client began go to the client', () => {
    const query = { destinationPort: 22 };
    const banner = reply({ ...query, atS: 0.1 }, { noteKind: NoteKind.serverBanner, noteText: 'SSH-2.0-x' });
    const [notes] = new FlowBench().play([query, banner]).notes;
    expect(notes).toMatchObject([{ clientAddress: CLIENT, serverAddress: SERVER, serverPort: 22 }]);
  });

  it('that say who speaks go to the client of a flow whose beginning was not seen', () => {
    const kinds = [NoteKind.tlsServerHello, NoteKind.httpResponse, NoteKind.serverReply, NoteKind.nameAnswer];
    for (const noteKind of kinds) {
      const [notes] = new FlowBench().play([reply({ destinationPort: 443 }, { noteKind })]).notes;
      expect(notes).toMatchObject([{ clientAddress: CLIENT, serverAddress: SERVER, serverPort: 443 }]);
    }
    for (const noteCode of [5, 5 | NOTE_CODE_RESPONSE]) {
      const smb = { destinationPort: 445, noteKind: NoteKind.smb, noteCode };
      const [notes] = new FlowBench().play([noteCode === 5 ? smb : reply(smb)]).notes;
      expect(notes).toMatchObject([{ clientAddress: CLIENT, serverAddress: SERVER, serverPort: 445, noteCode }]);
    }
  });

  it('about a network have no client, so that one partition sees them all', () => {
    const offer = reply({ destinationPort: 67 }, { noteKind: NoteKind.dhcp, noteCode: 2 | NOTE_CODE_RESPONSE });
    const [notes] = new FlowBench().play([offer, { noteKind: NoteKind.routerAdvertisement }]).notes;
    expect(notes).toMatchObject([
      { clientAddress: '::', serverAddress: SERVER, serverPort: 67 },
      { clientAddress: '::', serverAddress: CLIENT },
    ]);
  });

  it('of ARP go to the sender, and no flow begins', () => {
    const arp = { networkLayer: 1, protocol: 0, sourcePort: 0, destinationPort: 0, noteKind: NoteKind.arpRequest };
    const bench = new FlowBench().play([arp]);
    expect(bench.notes[0]).toMatchObject([{ clientAddress: CLIENT, serverAddress: SERVER, serverPort: 0 }]);
    expect(bench.records).toEqual([]);
    expect(bench.hostBatches[0]!.counters).toMatchObject({ packets: 1, nonIpPackets: 1, flowsStarted: 0 });
  });
});

describe('batches', () => {
  it('that come again are dropped, and those that never came are counted', () => {
    const bench = new FlowBench();
    bench.play([{}], { endS: START_S }).play([{}], { endS: START_S });
    expect(bench.hostBatches).toHaveLength(1);
    bench.play([{ atS: 1 }], { header: { sequence: 4 } });
    expect(bench.hostBatches[1]!.counters).toMatchObject({ packets: 2, batchesRepeated: 1, batchesMissing: 3 });
    expect(bench.hostBatches[1]!.sequence).toBe(1);
    expect(bench.records).toMatchObject([{ originatorPackets: 2 }]);
  });

  it('without packets let time go on', () => {
    const bench = new FlowBench().play([{}], { endS: START_S });
    bench.play([], { header: { sequence: 1 }, endS: START_S + 1 });
    expect(bench.activity[0]).toHaveLength(1);
    expect(bench.hostBatches.map(({ watermarkS }) => watermarkS)).toEqual([START_S, START_S + 1]);
  });

  it('tell each host partition of its own hosts, once for each role', () => {
    const packets = Array.from({ length: 40 }, (_, i) => ({ source: `192.0.2.${i}`, atS: i / 100 }));
    const { activity } = new FlowBench({ hostPartitions: 3 }).play(packets);
    const rolesOf = (role: number) => activity.flat().filter(({ roles }) => (roles as number) & role);
    expect(new Set(rolesOf(1).map((row) => row.originatorAddress)).size).toBe(40);
    expect(rolesOf(1)).toHaveLength(40);
    expect(rolesOf(2)).toHaveLength(40);
    expect(activity.every((rows) => rows.length > 0)).toBe(true);
    const homes = activity.map((rows) => rows.some(({ roles }) => (roles as number) & 2));
    expect(homes.filter(Boolean)).toHaveLength(1);
  });
});
