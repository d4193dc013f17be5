import { describe, expect, it } from 'vitest';
import { sampleIncident } from '../report/sample-incident.js';
import { csvLine } from './csv.js';
import { incidentCsvHeader, incidentCsvLine } from './incident-file.js';

describe('csvLine', () => {
  it('quotes commas, quotes and line breaks (RFC 4180)', () => {
    expect(csvLine(['a,b', 'say "hi"', 'two\nlines', 3, true, undefined])).toBe(
      '"a,b","say ""hi""","two\nlines",3,true,\r\n',
    );
  });

  it('keeps a spreadsheet from running text as a formula, but leaves negative numbers alone', () => {
    expect(csvLine(['=cmd()', '+1', '@x', '-a', -5])).toBe("'=cmd(),'+1,'@x,'-a,-5\r\n");
  });
});

describe('incident CSV', () => {
  it('has as many cells as its header names', () => {
    const cells = incidentCsvLine(sampleIncident({ summary: 'plain', evidence: [], advice: [] })).split(',');
    expect(cells).toHaveLength(incidentCsvHeader().split(',').length);
  });

  it('tells measured values with unit and threshold', () => {
    expect(incidentCsvLine(sampleIncident())).toContain('share of tries that failed = 99.04 % (threshold 60)');
  });
});
