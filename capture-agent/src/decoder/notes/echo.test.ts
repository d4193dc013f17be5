import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { type Captured, decodeRows } from '../decode-rows.js';
import * as build from '../packet-builder.js';
import { FROM_SERVER } from './carried.fixture.js';

interface Echo {
  data: Uint8Array;
  sequence?: number;
  identifier?: number;
}

function echo(type: number, { data, sequence = 1, identifier = 7 }: Echo): Uint8Array {
  const rest = build.bytes(build.u16(identifier), build.u16(sequence), data);
  const fields = type === 0 ? { protocol: 1, ...FROM_SERVER } : { protocol: 1 };
  return build.ethernet(build.ipv4(build.icmp(type, 0, rest), fields));
}
const request = (said: Echo) => echo(8, said);
const reply = (said: Echo) => echo(0, said);

/** Codes of the notes; 0 where there is none. */
function notes(...packets: (Uint8Array | Captured)[]): number[] {
  return decodeRows(packets).map(({ noteKind, noteCode }) => (noteKind === NoteKind.echoData ? noteCode : 0));
}

/** As ping sends: times and counters, then a pattern. */
const ping = (time: number, length = 56) => build.bytes(build.fill(32, time), build.fill(length - 32, 0x55));

describe('an echo message', () => {
  it('of a ping is as its request, and as the one before but for its beginning', () => {
    const rounds = [1, 2, 3].flatMap((k) => [
      request({ data: ping(k), sequence: k }),
      reply({ data: ping(k), sequence: k }),
    ]);
    expect(notes(...rounds)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('that does not repeat its request is noted, one that repeats its beginning is not', () => {
    expect(notes(request({ data: ping(1) }), reply({ data: ping(2) }))).toEqual([0, 1]);
    expect(notes(request({ data: ping(1, 400) }), reply({ data: ping(1, 64) }))).toEqual([0, 0]);
  });

  it('that answers another request, or another program, is not compared', () => {
    expect(notes(request({ data: ping(1) }), reply({ data: ping(2), sequence: 2 }))).toEqual([0, 0]);
    expect(notes(request({ data: ping(1) }), reply({ data: ping(2), identifier: 8 }))).toEqual([0, 0]);
  });

  it('with other data than the one before is noted, behind where programs count', () => {
    const data = (k: number) => build.bytes(build.fill(32, 1), build.fill(24, k));
    expect(notes(request({ data: data(1) }), request({ data: data(2) }), request({ data: data(2) }))).toEqual([
      0, 2, 0,
    ]);
  });

  it('that answers what was not seen is held against the answer before', () => {
    const data = (k: number) => build.bytes(build.fill(32, k), build.fill(24, k));
    const answers = [1, 2, 2].map((k, sequence) => reply({ data: data(k), sequence }));
    expect(notes(...answers)).toEqual([0, 2, 0]);
    expect(notes(...[1, 2, 3].map((k) => reply({ data: ping(k), sequence: k })))).toEqual([0, 0, 0]);
    // Questions without data, as of a shell that fetches its orders.
    expect(notes(...answers.flatMap((answer) => [request({ data: build.bytes() }), answer]))).toEqual([
      ...[0, 0, 0],
      ...[2, 0, 0],
    ]);
  });

  it('is noted eight times in a second at most', () => {
    const many = Array.from({ length: 20 }, (_, k) => ({
      data: request({ data: build.bytes(build.fill(32), build.fill(24, k)) }),
      timeUs: 1.7e15 + k,
    }));
    expect(notes(...many).filter((code) => code === 2)).toHaveLength(8);
  });

  it('without data tells nothing', () => {
    expect(notes(request({ data: build.bytes() }), reply({ data: ping(1) }))).toEqual([0, 0]);
  });
});
