import { createFlowRecordTable } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { FlowFormatter, formatOf } from './flow-file.js';

/** One flow, of which only its being there matters. */
function oneFlow() {
  const records = createFlowRecordTable(1);
  records.count = 1;
  return records;
}

describe('flow records as text', () => {
  it('are CSV with one header, or JSON lines, by the name of the file', () => {
    expect([formatOf('flows.CSV'), formatOf('flows.jsonl')]).toEqual(['csv', 'json']);
    const csv = new FlowFormatter('csv');
    const lines = (csv.text('gate', oneFlow()) + csv.text('gate', oneFlow())).trimEnd().split('\r\n');
    expect(lines.map((line) => line.split(',')[0])).toEqual(['sensor', 'gate', 'gate']);
    expect(lines[1]!.split(',')).toHaveLength(lines[0]!.split(',').length);
    expect(JSON.parse(new FlowFormatter('json').text('gate', oneFlow()))).toHaveProperty('sensor', 'gate');
  });
});
