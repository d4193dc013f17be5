import { describe, expect, it } from 'vitest';
import { ContractError, type Control, controlKey, parseControl, parseDeadLetter } from './index.js';

const CONTROLS: [Control, string][] = [
  [{ kind: 'capture-start', sensor: 'office' }, 'capture/office'],
  [{ kind: 'capture-stop', sensor: 'office' }, 'capture/office'],
  [{ kind: 'capture-source', sensor: 'office', interface: 'eth1' }, 'capture-source/office'],
  [{ kind: 'thresholds', settings: { host: {} } }, 'thresholds'],
  [{ kind: 'suppress', id: 's', entity: '192.0.2.1', reason: 'a test', untilMs: 5 }, 'suppress/s'],
  [{ kind: 'unsuppress', id: 's' }, 'suppress/s'],
  [{ kind: 'model', name: 'flows-2' }, 'model'],
  [{ kind: 'model-shadow', name: 'flows-3' }, 'model-shadow'],
  [{ kind: 'model-alarms', alarmsPerDay: 2, scoreThreshold: 0.999 }, 'model-alarms'],
];

describe('a control', () => {
  it.each(CONTROLS)('is read as it was written, and the later of one key takes its place: %o', (control, key) => {
    expect(parseControl(JSON.stringify(control))).toEqual(control);
    expect(controlKey(control)).toBe(key);
  });

  it.each([
    { kind: 'capture-start', sensor: 'Büro' },
    { kind: 'capture-start' },
    { kind: 'reboot', sensor: 'office' },
    { kind: 'suppress', id: 's', reason: '', untilMs: 5 },
    { kind: 'suppress', id: 's', reason: 'x', untilMs: 'tomorrow' },
    { kind: 'thresholds', settings: 7 },
    { kind: 'model-alarms', alarmsPerDay: 0 },
    { kind: 'model-shadow' },
    null,
  ])('that is none is refused: %o', (wrong) => {
    expect(() => parseControl(JSON.stringify(wrong))).toThrow(ContractError);
  });
});

describe('a dead letter', () => {
  const letter = { reason: 'no Arrow stream', topic: 'packets', firstBytes: 'AAE=', lengthBytes: 2, atMs: 1 };

  it('needs no place in Kafka', () => {
    expect(parseDeadLetter(JSON.stringify(letter))).toEqual(letter);
  });

  it('shows at most 256 bytes', () => {
    const shown = (bytes: number) => JSON.stringify({ ...letter, firstBytes: Buffer.alloc(bytes).toString('base64') });
    expect(() => parseDeadLetter(shown(256))).not.toThrow();
    expect(() => parseDeadLetter(shown(260))).toThrow(ContractError);
  });
});
