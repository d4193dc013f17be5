import { AmplifierMessage, NOTE_CODE_RESPONSE, NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { decodeRow, decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER, overUdp } from './carried.fixture.js';

describe('services that amplify', () => {
  const monlist = [0x17, 0, 3, 42, 0, 0, 0, 0];
  const snmp = (tag: number) => build.bytes([0x30, 40, 2, 1, 1, 4, 6], 'public', [tag, 28], build.fill(28));
  it.each([
    ['monlist', AmplifierMessage.ntpMonlist, build.bytes(monlist), 123],
    ['another request to ntpd', AmplifierMessage.ntpPrivate, build.bytes([0x17, 0, 3, 1, 0, 0, 0, 0]), 123],
    ['NTP control', AmplifierMessage.ntpControl, build.bytes([0x16, 2, 0, 1], build.fill(8)), 123],
    ['NTP', AmplifierMessage.ntpTime, build.bytes(0x23, build.fill(47)), 123],
    ['SNMP get', AmplifierMessage.snmp, snmp(0xa0), 161],
    ['SNMP getBulk', AmplifierMessage.snmpGetBulk, snmp(0xa5), 161],
    ['CLDAP', AmplifierMessage.cldap, build.bytes([0x30, 37, 2, 1, 1, 0x63, 32], build.fill(32)), 389],
    ['SSDP', AmplifierMessage.ssdp, build.bytes('M-SEARCH * HTTP/1.1\r\n'), 1900],
    ['memcached', AmplifierMessage.memcached, build.bytes([0, 0, 0, 0, 0, 1, 0, 0], 'stats\r\n'), 11211],
    ['CharGEN', AmplifierMessage.chargen, build.bytes('a'), 19],
  ])('%s is noted with its size, either way', (_, code, payload, port) => {
    const rows = decodeRows([
      overUdp(payload, { source: 40000, destination: port }),
      overUdp(payload, { source: port, destination: 80 }, FROM_SERVER),
    ]);
    const note = { noteKind: NoteKind.amplifierMessage, noteValue: payload.length };
    expect(rows).toMatchObject([
      { ...note, noteCode: code },
      { ...note, noteCode: code | NOTE_CODE_RESPONSE },
    ]);
  });

  it('questions by SNMP name a community, which is noted when it is not the last one of its flow', () => {
    const ask = (community: string, tag = 0xa0, ports = { source: 40_000, destination: 161 }) =>
      overUdp(build.bytes([0x30, 40, 2, 1, 1, 4, community.length], community, [tag, 28], build.fill(28)), ports);
    const texts = decodeRows([ask('public'), ask('public'), ask('private'), ask('public'), ask('other', 0xa2)]).map(
      ({ noteText }) => noteText,
    );
    expect(texts).toEqual([texts[0], '', expect.stringMatching(/^[0-9a-f]{4}$/), texts[0], '']);
    expect(texts[0]).toMatch(/^[0-9a-f]{4}$/);
    expect(texts[2]).not.toBe(texts[0]);
  });

  it('between two servers the message tells who answers', () => {
    const ports = { source: 123, destination: 123 };
    const response = build.bytes([0xd7, 0, 3, 42], build.fill(44));
    expect(decodeRow(overUdp(response, ports)).noteCode).toBe(AmplifierMessage.ntpMonlist | NOTE_CODE_RESPONSE);
    expect(decodeRow(overUdp(build.bytes(monlist), ports)).noteCode).toBe(AmplifierMessage.ntpMonlist);
    expect(decodeRow(overUdp(build.bytes(0x24, build.fill(47)), ports)).noteCode).toBe(
      AmplifierMessage.ntpTime | NOTE_CODE_RESPONSE,
    );
  });

  it('are not seen in bytes that contradict the port, nor on other ports', () => {
    for (const [payload, port] of [
      ['text', 161],
      ['text', 389],
      [' ', 123],
      ['text', 5000],
    ] as const)
      expect(decodeRow(overUdp(build.bytes(payload), { source: 40000, destination: port })).noteKind).toBe(0);
  });
});
