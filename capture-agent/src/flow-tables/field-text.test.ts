import { AddressColumn, formatAddress } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { readAddress } from './address-field.js';
import { readNumber } from './field-text.js';
import { readFlags, readHistory, readState } from './flags-field.js';
import { readProtocol } from './protocol-field.js';
import { TimeReader, type TimeStyle } from './time-field.js';

const on =
  <T>(read: (bytes: Uint8Array, start: number, end: number) => T) =>
  (text: string): T => {
    // With digits around it, so that reading past an end shows.
    const bytes = Buffer.from(`7${text}7`);
    return read(bytes, 1, bytes.length - 1);
  };

describe('numbers', () => {
  it.each([
    '0', '7', '-1', '+3', '1.', '.5', '1433962.2641509436', '1700000000.123456', '9007199254740993', '1e5', '2.5E-3', '123456789012345678901234',
  ])('reads %s as JavaScript does', (text) => {
    expect(on(readNumber)(text)).toBe(Number(text));
  }); // biome-ignore format: a list

  it.each(['', '.', '-', '1.2.3', '1,5', '0x1f', 'NaN', 'Infinity', '1e999', '1_000', ' 1', '٣'])(
    'takes "%s" for no number',
    (text) => {
      expect(on(readNumber)(text)).toBeNaN();
    },
  );
});

describe('times', () => {
  const read = (text: string, style: TimeStyle = {}) => {
    const timeUs = on((bytes, start, end) => new TimeReader(style).read(bytes, start, end))(text);
    return Number.isNaN(timeUs) ? undefined : `${new Date(Math.floor(timeUs / 1000)).toISOString()}+${timeUs % 1000}`;
  };

  it.each([
    ['1499082000', '2017-07-03T11:40:00.000Z+0'],
    ['1499082000.590705', '2017-07-03T11:40:00.590Z+705'],
    ['1499082000590', '2017-07-03T11:40:00.590Z+0'],
    ['1499082000590705', '2017-07-03T11:40:00.590Z+705'],
    ['1499082000590705123', '2017-07-03T11:40:00.590Z+705'],
    ['2017-07-03 11:57:51.590705', '2017-07-03T11:57:51.590Z+705'],
    ['2017-07-03T11:57:51Z', '2017-07-03T11:57:51.000Z+0'],
    ['2017-07-03T11:57:51.5+02:00', '2017-07-03T09:57:51.500Z+0'],
    ['2017-07-03T11:57:51-0330', '2017-07-03T15:27:51.000Z+0'],
    ['2017-07-03', '2017-07-03T00:00:00.000Z+0'],
    ['2017/7/3 1:02', '2017-07-03T01:02:00.000Z+0'],
    ['13/07/2017 12:00:00 AM', '2017-07-13T00:00:00.000Z+0'],
    ['07/13/2017 12:00:00 PM', '2017-07-13T12:00:00.000Z+0'],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('reads 03/07/2017 only where it was said which number is the day', () => {
    expect(read('03/07/2017 01:00')).toBeUndefined();
    expect(read('03/07/2017 01:00', { order: 'day-first' })).toBe('2017-07-03T01:00:00.000Z+0');
    expect(read('03/07/2017 01:00', { order: 'month-first' })).toBe('2017-03-07T01:00:00.000Z+0');
    expect(read('03/07/2017 01:00', { order: 'day-first', isWorkingDay: true })).toBe('2017-07-03T13:00:00.000Z+0');
  });

  it.each([
    '', '-5', 'now', '2017-13-01', '2017-02-29', '2017-07-03 25:00:00', '2017-07-03 10:61:00', '2017-07-03 10', '2017-07-03 10:00:00 CET', '99/99/9999', '1/2', '2017-07-03T10:00:00+99:00', '2017-07-03 13:00 PM',
  ])('takes "%s" for no time', (text) => {
    expect(read(text)).toBeUndefined();
  }); // biome-ignore format: a list
});

describe('addresses', () => {
  const read = on((bytes, start, end) => {
    const column = new AddressColumn(2);
    column.bytes.fill(0xee);
    return readAddress(column, 1, bytes, start, end) ? formatAddress(column.bytes, 16) : undefined;
  });

  it.each(['0.0.0.0', '255.255.255.255', '192.0.2.77', '2001:db8::1', '::', 'fe80::1:2'])('reads %s', (text) => {
    expect(read(text)).toBe(text);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.256',
    '1.2.3.0004',
    'a.b.c.d',
    '1.2.3.4/8',
    ':::',
    'localhost',
    '1'.repeat(99),
  ])('takes "%s" for none', (text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe('protocols', () => {
  it.each([
    ['tcp', 6],
    ['TCP', 6],
    ['udp', 17],
    ['17', 17],
    ['icmp', 1],
    ['ipv6-icmp', 58],
    ['unknown_transport', 0],
  ] as const)('%s is %i', (text, number) => {
    expect(on(readProtocol)(text)).toBe(number);
  });

  it.each(['', 'tcq', '-1', '256', '6.5', 'constructor'])('takes "%s" for none', (text) => {
    expect(on(readProtocol)(text)).toBeNaN();
  });
});

describe('TCP flags', () => {
  it.each([
    ['', 0], ['-', 0], ['S', 2], ['syn', 2], ['SYN,ACK', 0x12], ['SYN-ACK', 0x12], ['.AP.SF', 0x1b], ['0x12', 0x12], ['18', 18], ['FPU', 0x29],
  ] as const)('%s', (text, tcpFlags) => {
    expect(readFlags(text)).toEqual({ tcpFlags, outcome: 0 });
  }); // biome-ignore format: a table

  it('a state of Zeek may stand among flags, and says what became of the flow', () => {
    expect(readFlags('REJ')).toEqual(readState('REJ'));
    expect(readState('SF')!.outcome).toBeGreaterThan(0);
    expect(readState('XX')).toBeUndefined();
    expect(readFlags('SYN?HELLO')).toBeUndefined();
    expect(readFlags('toString')).toBeUndefined();
  });

  it('a history shows which flags were seen', () => {
    expect(readHistory('ShADadFf')).toBe(0x02 | 0x10 | 0x08 | 0x01);
    expect(readHistory('C^')).toBe(0);
  });
});
