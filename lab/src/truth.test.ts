import { describe, expect, it } from 'vitest';
import { truthCsv } from './truth.js';

const row = {
  label: 'port_scan_x',
  category: 'scan',
  attacker: '203.0.113.9',
  victim: '10.77.0.80',
  packets: 3,
  note: '',
};

describe('the truth file', () => {
  it('has one row an attack in the order of time', () => {
    const rows = [
      { ...row, startS: 20, endS: 30.5 },
      { ...row, startS: 10.25, endS: 11 },
    ];
    expect(truthCsv(rows, 'capture.pcap').split('\n')).toEqual([
      'start_epoch,end_epoch,label,category,attacker,victim,packets,source_file,note',
      '10.250000,11.000000,port_scan_x,scan,203.0.113.9,10.77.0.80,3,capture.pcap,',
      '20.000000,30.500000,port_scan_x,scan,203.0.113.9,10.77.0.80,3,capture.pcap,',
      '',
    ]);
  });

  it('quotes a note with a comma', () => {
    expect(truthCsv([{ ...row, startS: 1, endS: 2, note: 'slow, then fast' }], 'c')).toContain(',"slow, then fast"\n');
  });
});
