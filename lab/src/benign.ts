import { join } from 'node:path';
import { addressOf, CLIENTS } from './network.js';
import { OWN_PROGRAMS, PYTHON } from './servers.js';
import { ACCOUNT, SITE_NAMES } from './site.js';
import { choose, desk, fetchArgs, type Stage, sshArgs } from './stage.js';

/** Work that is done again and again. */
export interface BenignActivity {
  readonly name: string;
  readonly summary: string;
  /** Mean pause between two times; pauses are exponential, as between independent people. */
  readonly everyS: number;
  /** Small enough for a capture of a few hundred kilobytes. */
  readonly isLight?: boolean;
  readonly tools: readonly string[];
  once(stage: Stage): Promise<unknown>;
}

const site = (stage: Stage): string => choose(stage, SITE_NAMES);
const page = (stage: Stage): string => `/pages/${Math.floor(stage.random() * 120)}.html`;

const browsing: BenignActivity[] = [
  {
    name: 'browse',
    summary: 'a few pages of a site outside, with and without TLS',
    everyS: 6,
    isLight: true,
    tools: ['curl'],
    once: (stage) => {
      const start = `${stage.random() < 0.7 ? 'https' : 'http'}://www.${site(stage)}`;
      const pages = Array.from({ length: 1 + Math.floor(stage.random() * 4) }, () => start + page(stage));
      return stage.run(desk(stage), fetchArgs(pages));
    },
  },
  {
    name: 'intranet',
    summary: 'pages of the web server inside, sometimes behind a password',
    everyS: 12,
    isLight: true,
    tools: ['curl'],
    once: (stage) => {
      const login = stage.random() < 0.2 ? ['-u', `${ACCOUNT.name}:${ACCOUNT.password}`] : [];
      const where = login.length > 0 ? '/private/' : page(stage);
      return stage.run(desk(stage), fetchArgs([`http://web.lab.test${where}`], ...login));
    },
  },
  {
    name: 'browser',
    summary: 'a page in headless Chromium, with all that it asks on its own',
    everyS: 75,
    tools: ['chromium'],
    once: (stage) => {
      const machine = desk(stage);
      const options = ['--headless', '--no-sandbox', '--disable-gpu', '--ignore-certificate-errors'];
      const profile = `--user-data-dir=${join(stage.folder, `chromium-${machine}`)}`;
      return stage.run(
        machine,
        ['chromium', ...options, profile, '--dump-dom', `https://www.${site(stage)}/index.html`],
        15,
      );
    },
  },
  {
    name: 'crawler',
    summary: 'wget follows the links of a site',
    everyS: 240,
    tools: ['wget'],
    once: (stage) => {
      const options = ['-q', '-r', '-l', '3', '-e', 'robots=off', '--delete-after', '--quota=3m', '--wait=0.05'];
      return stage.run(
        'client4',
        ['wget', ...options, '-P', join(stage.folder, 'crawl'), `http://www.${site(stage)}/`],
        40,
      );
    },
  },
];

const transfers: BenignActivity[] = [
  {
    name: 'download',
    summary: 'one large file',
    everyS: 90,
    tools: ['curl'],
    once: (stage) => stage.run(desk(stage), fetchArgs([`https://www.${site(stage)}/large.bin`], '--limit-rate', '3M')),
  },
  {
    name: 'updates',
    summary: 'twenty packages from one site, one after the other',
    everyS: 150,
    tools: ['curl'],
    once: (stage) => {
      const mirror = site(stage);
      const packages = Array.from({ length: 20 }, (_, index) => `http://www.${mirror}/package${index}.deb`);
      return stage.run(desk(stage), fetchArgs(packages));
    },
  },
  {
    name: 'stream',
    summary: 'half a megabyte every two seconds, like a film',
    everyS: 200,
    tools: ['curl'],
    once: async (stage) => {
      const machine = desk(stage);
      const url = `https://www.${site(stage)}/segment.bin`;
      for (let segment = 0; segment < 15; segment++) {
        await stage.run(machine, fetchArgs([url]));
        await stage.pause(2);
      }
    },
  },
  {
    name: 'backup',
    summary: 'rsync of six megabytes to the file server',
    everyS: 180,
    tools: ['rsync'],
    once: (stage) => {
      const from = desk(stage);
      const target = `rsync://${addressOf('files')}/backup/${from}.bin`;
      return stage.run(from, [
        'rsync',
        '-a',
        '-W',
        '--ignore-times',
        '--bwlimit=3m',
        join(stage.folder, 'secret.bin'),
        target,
      ]);
    },
  },
  {
    name: 'ftp',
    summary: 'reports from the FTP server',
    everyS: 80,
    tools: ['curl'],
    once: (stage) => {
      const report = `ftp://ftp.lab.test/report${Math.floor(stage.random() * 20)}.txt`;
      return stage.run(desk(stage), fetchArgs([report], '-u', `${ACCOUNT.name}:${ACCOUNT.password}`));
    },
  },
];

const offices: BenignActivity[] = [
  {
    name: 'look-ups',
    summary: 'names that exist, and now and then one that does not',
    everyS: 5,
    isLight: true,
    tools: ['dig'],
    once: (stage) => {
      const name = stage.random() < 0.1 ? 'www.mistyped-name.example' : `www.${site(stage)}`;
      return stage.run(desk(stage), ['dig', '+short', '+tries=1', '+time=2', name, choose(stage, ['A', 'AAAA', 'MX'])]);
    },
  },
  {
    name: 'shell',
    summary: 'an SSH session with pauses between commands',
    everyS: 45,
    isLight: true,
    tools: ['ssh'],
    once: (stage) => {
      const commands = 'for i in 1 2 3 4 5 6 7 8; do ls -l /usr/share/doc | head -$((i * 9)); sleep 0.7; done';
      return stage.run(
        desk(stage),
        sshArgs(stage, `root@${choose(stage, ['ssh', 'files', 'web'])}.lab.test`, commands),
      );
    },
  },
  {
    name: 'mail',
    summary: 'a message to the mail server',
    everyS: 25,
    isLight: true,
    tools: ['swaks'],
    once: (stage) => {
      const people = ['--from', 'clerk@lab.test', '--to', 'boss@lab.test'];
      const body = 'Dear colleague, here is the report. '.repeat(5 + Math.floor(stage.random() * 60));
      return stage.run(desk(stage), ['swaks', '--silent', '3', '--server', 'mail.lab.test', ...people, '--body', body]);
    },
  },
  {
    name: 'clock',
    summary: 'every machine asks for the time every 64 seconds',
    everyS: 64 / CLIENTS.length,
    isLight: true,
    tools: [],
    once: (stage) => stage.run(desk(stage), [PYTHON, join(OWN_PROGRAMS, 'ntp.py'), 'ask', addressOf('time')]),
  },
  {
    name: 'watch',
    summary: 'the mail server watches the others: ping, and whether their ports answer',
    everyS: 20,
    isLight: true,
    tools: ['ping', 'curl'],
    once: async (stage) => {
      for (const name of ['web', 'ssh', 'ftp', 'files'])
        await stage.run('mail', ['ping', '-c', '1', '-W', '1', addressOf(name)]);
      await stage.run('mail', fetchArgs(['http://web.lab.test/index.html']));
    },
  },
  {
    name: 'dead-server',
    summary: 'a program that does not notice that its server is gone, and tries again and again',
    everyS: 120,
    tools: ['curl'],
    once: (stage) =>
      stage.run(
        'client2',
        fetchArgs(
          [`http://${addressOf('ftp')}:8080/status`],
          '--retry',
          '15',
          '--retry-connrefused',
          '--retry-delay',
          '1',
        ),
      ),
  },
];

/** All work that is not an attack. */
export const BENIGN_ACTIVITIES: readonly BenignActivity[] = [...browsing, ...transfers, ...offices];
