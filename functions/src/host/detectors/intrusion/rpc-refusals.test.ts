import { NoteKind, RpcRefusal } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { reply } from '../../../flow/packets.fixture.js';
import { incidentsOf, kindsOf, session, times } from '../traffic.fixture.js';

const PAIR = { source: '10.0.0.7', destination: '10.0.0.2', sourcePort: 51_000, destinationPort: 49_667 };

/** Answers of one server, `everyS` apart, that refuse a call. */
function refusals(count: number, everyS = 1) {
  return [
    ...session(PAIR),
    ...times(count, (k) => [
      reply(
        { ...PAIR, atS: 2 },
        { atS: 2 + k * everyS, noteKind: NoteKind.rpcRefusal, noteCode: RpcRefusal.status, noteValue: 0xc0000022 },
      ),
    ]),
  ];
}

describe('calls that are refused', () => {
  it('twenty in five minutes are told, nineteen are none', () => {
    expect(incidentsOf(refusals(20))).toMatchObject([
      { kind: 'lateral-movement', severity: 'medium', sources: [PAIR.source], targets: [PAIR.destination] },
    ]);
    expect(kindsOf(refusals(19))).toEqual([]);
  });

  it('hundreds are of high severity, as one of them may have been let through', () => {
    expect(incidentsOf(refusals(200, 0.1))).toMatchObject([{ kind: 'lateral-movement', severity: 'high' }]);
  });

  it('one now and then is none', () => {
    expect(kindsOf(refusals(40, 20))).toEqual([]);
  });
});
