import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { incidentsOf, kindsOf, times } from '../traffic.fixture.js';

const speaker = '10.0.0.66';
const OWN = 0x0a000042;

/** Answers of one host for names of the local network. */
function answers(names: number, port: number, said: { noteValue?: number } = {}) {
  return times(names, (k) => [
    {
      ...{ source: speaker, sourcePort: port, destination: '10.0.0.7', destinationPort: 51_234, atS: k },
      ...{ noteKind: NoteKind.nameAnswer, noteCode: port, noteValue: OWN, noteText: `host${k}` },
      ...said,
    },
  ]);
}

describe('answers for names of others', () => {
  it.each([
    ['LLMNR', 5355, 4],
    ['NetBIOS', 137, 4],
    ['multicast DNS, where some have aliases,', 5353, 8],
  ])('by %s are told from as many as a machine hardly has', (_service, port, names) => {
    expect(incidentsOf(answers(names, port))).toMatchObject([{ kind: 'rogue-server', sources: [speaker] }]);
    expect(kindsOf(answers(names - 1, port))).toEqual([]);
  });

  it('by several services are counted apart', () => {
    expect(kindsOf([...answers(3, 5355), ...answers(5, 5353)])).toEqual([]);
  });

  it('with the addresses of others are those of a name server', () => {
    expect(kindsOf(answers(40, 5355, { noteValue: 0x0a000099 }))).toEqual([]);
  });
});
