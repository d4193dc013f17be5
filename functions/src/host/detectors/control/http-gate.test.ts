import { NoteKind, PayloadGuess } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { incidentsOf, kindsOf } from '../traffic.fixture.js';

const source = '10.0.0.9';
const destination = '198.51.100.7';

/** These requests of one client to one server, two seconds apart, each in a connection of its own. */
function requests(...texts: string[]) {
  return texts.map((noteText, k) => ({
    ...{ atS: k * 2, source, destination, sourcePort: 40_000 + k, destinationPort: 80, protocol: 6, tcpFlags: 24 },
    ...{ payloadBytes: 300, payloadGuess: PayloadGuess.http, noteKind: NoteKind.httpRequest, noteText },
  }));
}

const post = 'POST /panel/gate.php example.net';
const program = 'GET /panel/update.exe example.net';

describe('a bot and its gate', () => {
  it('two posts to a script and a program from the same server are command and control', () => {
    expect(incidentsOf(requests(post, program, post))).toMatchObject([
      { kind: 'command-and-control', severity: 'high', sources: [source], targets: [destination] },
    ]);
  });

  it('scripts of three kinds asked for again and again are command and control', () => {
    const polls = Array.from(
      { length: 24 },
      (_, k) => `GET /${['get.php', 'news.asp', 'process.jsp'][k % 3]} 10.0.0.1`,
    );
    expect(kindsOf(requests(...polls))).toEqual(['command-and-control']);
  });

  it.each([
    ['one post and a program', requests(post, program)],
    ['posts alone', requests(post, post, post, post)],
    [
      'programs alone, as an updater fetches them',
      requests(program, 'GET /b.exe example.net', 'GET /c.exe example.net'),
    ],
    ['who downloads by hand, after a look at a page', requests('GET / example.net', post, program, post)],
    ['a page that polls one script', requests(...Array<string>(40).fill('GET /poll.php example.net'))],
  ])('%s: none', (_, packets) => {
    expect(kindsOf(packets)).toEqual([]);
  });
});
