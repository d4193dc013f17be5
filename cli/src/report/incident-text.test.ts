import { describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { IncidentPrinter } from './incident-printer.js';
import { incidentText, whoToWhom } from './incident-text.js';
import { ansiPaint, paintFor, plainPaint } from './paint.js';
import { sampleIncident } from './sample-incident.js';
import { summaryText } from './summary.js';

const layout = { columns: 80, paint: plainPaint };

describe('incidentText', () => {
  it('gives an operator the whole argument', () => {
    expect(
      incidentText(sampleIncident(), layout),
    ).toBe(`HIGH     2024-05-15 09:01:20 port-scan: 192.0.2.7 probes ports of 198.51.100.10
  192.0.2.7 → 198.51.100.10
  192.0.2.7 tried 1,000 ports of 198.51.100.10 in 20 s; 990 refused.
  evidence                      measured  normal  threshold  unit
  distinct ports tried in 10 s       500       3         40
  share of tries that failed          99                 60  %
  Normal if: At most 40 distinct ports in 10 s.
  ATT&CK:    T1046 Network Service Discovery
  Do next:   1. Ask the owner of 192.0.2.7 whether this is a planned scan.
             2. Block 192.0.2.7 if it is not.
`);
  });

  it('tells long measures in full, in lines of their own where there is no room', () => {
    const measure = 'share of messages of a type that hardly any host asks for';
    const evidence = [{ measure, unit: '1', value: 0.5, normal: 0, threshold: 0.5 }];
    const text = (columns: number) => incidentText(sampleIncident({ evidence }), { ...layout, columns });
    expect(text(200)).toContain(`  ${measure}       0.5       0        0.5\n`);
    expect(text(80)).toContain(
      '  share of messages of a type that       0.5       0        0.5\n  hardly any host asks for\n',
    );
  });

  it('says how blind the sensor was only when it was', () => {
    const blind = sampleIncident({
      blindness: { packetsDropped: 1200, packetsLate: 0, flowsEvicted: 3, degraded: true },
    });
    expect(incidentText(blind, { ...layout, columns: 200 })).toContain(
      'Blind to:  1,200 packets were dropped before Weir saw them; 3 flows gave way in a full table; what is said of single',
    );
  });

  it('keeps within the width of the terminal', () => {
    const long = sampleIncident({ summary: 'word '.repeat(100), advice: ['step '.repeat(60)] });
    for (const line of incidentText(long, layout).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('names spoofed sources as such, and counts what it does not list', () => {
    expect(whoToWhom({ sources: [], targets: ['a', 'b', 'c', 'd'] })).toBe('spoofed sources → a, b and 2 more');
    expect(whoToWhom({ sources: [], targets: [] })).toBe('—');
  });
});

describe('paintFor', () => {
  it('colours terminals only, and not against NO_COLOR or --no-color', () => {
    const terminal = createMemoryIo({ isTerminal: true }).stdout;
    expect(paintFor(terminal, {}, true)('x', 'red')).toBe('\u001b[31mx\u001b[0m');
    expect(paintFor(terminal, { NO_COLOR: '1' }, true)('x', 'red')).toBe('x');
    expect(paintFor(terminal, {}, false)('x', 'red')).toBe('x');
    expect(paintFor(createMemoryIo().stdout, {}, true)('x', 'red')).toBe('x');
  });
});

describe('IncidentPrinter', () => {
  const opened = { kind: 'incident-opened', incident: sampleIncident({ state: 'open', severity: 'low' }) } as const;
  const same = { kind: 'incident-updated', incident: sampleIncident({ state: 'open', severity: 'low' }) } as const;
  const worse = { kind: 'incident-updated', incident: sampleIncident({ state: 'open', severity: 'high' }) } as const;
  const closed = { kind: 'incident-closed', incident: sampleIncident() } as const;

  function printed(moment: 'as-found' | 'when-closed'): string[] {
    const texts: string[] = [];
    const printer = new IncidentPrinter(moment, layout, (text) => void texts.push(text));
    for (const change of [opened, same, worse, closed]) printer.change(change);
    return texts;
  }

  it('prints as found: in full, then when it gets worse, then its end', () => {
    const [first, second, third, ...rest] = printed('as-found');
    expect(first).toMatch(/^LOW .*evidence/s);
    expect(second).toMatch(/^HIGH .*now high/s);
    expect(third).toMatch(/^ended +09:01:40 .*lasted 20 s, 4 alerts/);
    expect(rest).toEqual([]);
  });

  it('prints when closed: once, in the final state', () => {
    expect(printed('when-closed')).toEqual([`${incidentText(sampleIncident(), layout)}\n`]);
  });
});

describe('summaryText', () => {
  const facts = {
    source: 'a.pcap',
    sensor: 'local',
    packets: 439_616,
    elapsedMs: 400,
    counters: {
      packetsCaptured: 439_616,
      packetsDroppedByKernel: 2,
      packetsDroppedByInterface: 1,
      packetsLate: 4,
      packetsUndecoded: 5,
    },
    warnings: ['The last packet was cut.'],
    incidents: [sampleIncident(), sampleIncident({ id: 'b', severity: 'low' })],
    forgotten: 0,
  };

  it('counts incidents by severity, and says rate, blindness and warnings', () => {
    const text = summaryText(facts, { columns: 100, paint: plainPaint });
    expect(text).toContain('2 incidents in a.pcap: 1 high, 1 low');
    expect(text).toContain('439,616 packets in 0.4 s (1.1 M/s)');
    expect(text).toContain(
      'Sensor local: 3 packets dropped before Weir saw them, 4 late, 5 not decoded up to a transport layer.',
    );
    expect(text).toContain('Warning: The last packet was cut.');
  });

  it('says what time was looked at, with both days where it is more than one', () => {
    const covering = (first: string, last: string) => {
      const covered = { firstUs: Date.parse(first) * 1000, lastUs: Date.parse(last) * 1000 };
      return summaryText({ ...facts, covered }, { columns: 100, paint: plainPaint });
    };
    expect(covering('2024-05-15T09:00:00Z', '2024-05-15T09:08:00Z')).toContain(
      '439,616 packets of 8 min (2024-05-15 09:00:00 to 09:08:00 UTC), read in 0.4 s (1.1 M/s)',
    );
    expect(covering('2024-05-15T23:00:00Z', '2024-05-16T00:30:00Z')).toContain(
      'of 1 h 30 min (2024-05-15 23:00:00 to 2024-05-16 00:30:00 UTC)',
    );
  });

  it('warns where many packets stand out of order in the file', () => {
    const text = (packetsLate: number) =>
      summaryText(
        { ...facts, packets: 1000, counters: { ...facts.counters, packetsLate } },
        { ...layout, columns: 200 },
      );
    expect(text(10)).not.toContain('came after');
    expect(text(11)).toContain('Warning: 11 of 1,000 packets came after much newer ones');
  });

  it('leaves the durations out where there is no room for them, and wraps what is long', () => {
    const six = '2001:db8:1111:2222:3333:4444:5555';
    const incidents = [sampleIncident({ sources: [`${six}:6666`], targets: [`${six}:7777`] })];
    const table = (columns: number) => summaryText({ ...facts, incidents }, { columns, paint: plainPaint });
    expect(table(80)).not.toContain('found after');
    expect(table(80)).toMatch(/port-scan {2}\S+:6666\n {42}→\n {42}\S+:7777\n/);
    expect(table(200)).toMatch(/lasted +found after/);
    expect(table(200)).toContain(`${six}:6666 → ${six}:7777\n`);
  });

  it('warns where finding nothing says little', () => {
    const nothing = { ...facts, incidents: [], warnings: [] };
    const text = (more: object) => summaryText({ ...nothing, ...more }, { columns: 100, paint: plainPaint });
    expect(text({})).not.toContain('Warning');
    expect(text({ packets: 0, unit: 'rows' })).toContain('Warning: There were no rows');
    expect(text({ isCutShort: true })).toContain('Warning: Stopped before the end of the input');
  });

  it('lines columns up under colours', () => {
    const plain = summaryText(facts, { columns: 100, paint: plainPaint });
    const coloured = summaryText(facts, { columns: 100, paint: ansiPaint });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
    expect(coloured.replace(/\u001b\[[\d;]*m/g, '')).toBe(plain);
  });
});
