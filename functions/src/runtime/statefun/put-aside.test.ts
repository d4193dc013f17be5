import { StatefunFunction, StatefunType } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { ControlFunction } from './control-function.js';
import { RecordsFunction } from './records-function.js';
import { toySurroundings } from './toy.fixture.js';

describe('what is put aside again and again', () => {
  const around = toySurroundings();
  const targets = { hostPartitions: 1, incidentPartitions: 1 };

  it.each([
    ['controls', new ControlFunction(targets, around), StatefunType.control],
    ['parcels', new RecordsFunction(around), StatefunType.parcel],
  ])('is logged once a minute, as whoever writes it may write much: %s', (_, fn, type) => {
    const target = { type: StatefunFunction.control, id: 'key' };
    const invocations = Array.from({ length: 100 }, () => ({ type, bytes: Buffer.from('rubbish') }));
    around.lines.length = 0;
    fn.answer({ target, unknownValues: [], state: undefined, journal: [], invocations });
    expect(around.lines).toHaveLength(1);
    expect(around.metrics.text()).toContain(
      `weir_functions_dead_letters_total{function="${fn.name}",cause="unreadable"} 100`,
    );
  });
});
