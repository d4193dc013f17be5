import { NoteKind } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { answered, incidentsOf, kindsOf, session, times } from './traffic.fixture.js';

const pair = { source: '10.0.0.9', destination: '10.0.0.22' };
const logins = (count: number, destinationPort: number, said = {}) =>
  times(count, (k) => session({ ...pair, atS: k * 6, sourcePort: 40_000 + k, destinationPort }, said));

describe('password guessing', () => {
  it('eight short sessions in five minutes are guessing, seven are none', () => {
    for (const port of [21, 22, 23, 3389, 3306]) {
      expect(kindsOf(logins(8, port))).toEqual(['password-guessing']);
      expect(kindsOf(logins(7, port))).toEqual([]);
    }
  });

  it('mail services need forty', () => {
    expect(kindsOf(logins(40, 143))).toEqual(['password-guessing']);
    expect(kindsOf(logins(39, 143))).toEqual([]);
  });

  it('sessions in which much was said are work, not guesses', () => {
    expect(kindsOf(logins(30, 22, { received: 20_000 }))).toEqual([]);
  });

  it('attempts on both sides of a window boundary are counted together', () => {
    const across = times(8, (k) => session({ ...pair, atS: 130 + k * 6, sourcePort: 40_000 + k, destinationPort: 22 }));
    expect(kindsOf(across)).toEqual(['password-guessing']);
  });

  it('names who guesses at what', () => {
    expect(incidentsOf(logins(20, 22))[0]).toMatchObject({ sources: [pair.source], targets: [pair.destination] });
  });
});

describe('web password guessing', () => {
  const web = (atS: number, note: object) =>
    answered({ ...pair, atS, sourcePort: 40_000, destinationPort: 8080, protocol: 6, tcpFlags: 24, ...note });
  const posts = (count: number, path: string) =>
    times(count, (k) => web(k, { noteKind: NoteKind.httpRequest, noteText: `POST ${path}` }).slice(0, 1));
  const refusals = (count: number, code: number) =>
    times(count, (k) => web(k, { noteKind: NoteKind.httpResponse, noteCode: code }).slice(1));

  it('twenty logins posted in five minutes are guessing, nineteen are none', () => {
    expect(kindsOf(posts(20, '/login.php'))).toEqual(['password-guessing']);
    expect(kindsOf(posts(19, '/login.php'))).toEqual([]);
  });

  it('twenty refusals are guessing, nineteen are none', () => {
    expect(kindsOf(refusals(20, 401))).toEqual(['password-guessing']);
    expect(kindsOf(refusals(19, 401))).toEqual([]);
  });

  it('other posts and pages that are missing are none', () => {
    expect(kindsOf([...posts(100, '/api/metrics'), ...refusals(100, 404)])).toEqual([]);
  });
});
