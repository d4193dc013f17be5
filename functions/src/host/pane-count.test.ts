import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import type { KeyedDetector } from './detectors/index.js';
import { HostBench, toldBy } from './host.fixture.js';

/** What one host asks another by DNS, each second. */
const questions = (names: readonly string[]) =>
  toldBy(
    'flow/test/0',
    names.map((noteText, k) => ({
      ...{ atS: 3 * k, source: '192.0.2.1', destination: '198.51.100.1', sourcePort: 4000 + k, destinationPort: 53 },
      ...{ protocol: 17, noteKind: NoteKind.dnsQuery, noteText },
    })),
  );

/** A partition one of whose detectors keeps the notes that it sees, and gives up at some. */
function partitionThatFailsAt(name: string) {
  const bench = new HostBench();
  const seen: string[] = [];
  const detector = bench.state.keyed.find(({ name }) => name === 'dns-tunnel') as KeyedDetector;
  detector.observeNote = ({ columns: { noteText } }, i) => {
    const text = Buffer.from(noteText.data.subarray(noteText.offsets[i], noteText.offsets[i + 1])).toString();
    if (text === name) throw new Error('given up');
    seen.push(text);
  };
  return { bench, seen };
}

describe('a pane in which a detector fails', () => {
  it('leaves none of its notes to the next partition that is counted', () => {
    const failing = partitionThatFailsAt('bad.example');
    expect(() => failing.bench.send(...questions(['bad.example', 'later.example']))).toThrow('given up');
    const { bench, seen } = partitionThatFailsAt('none');
    bench.send(...questions(['good.example']));
    expect(seen).toEqual(['good.example']);
  });
});
