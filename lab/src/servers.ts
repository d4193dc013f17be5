import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, MACHINES } from './network.js';
import type { Program, Programs } from './programs.js';
import { ACCOUNT, nginxSettings, rsyncSettings, SITE_NAMES, sshdSettings, TUNNEL_DOMAINS } from './site.js';

/** Python of Debian: it has Debian's modules, whatever else is installed. */
export const PYTHON = '/usr/bin/python3';

/** The laboratory's own small programs. */
export const OWN_PROGRAMS = new URL('../programs', import.meta.url).pathname;

/** Starts every server; they run as long as the laboratory. `folder` holds what they serve and their settings. */
export function startServers(programs: Programs, folder: string, lastsS: number): void {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  for (const [machine, argv] of [
    ...webServers(folder),
    ...shellServers(folder),
    ...fileServers(folder),
    ...nameServers(),
    ...otherServers(),
  ]) {
    const program: Program = { machine, argv, limitS: lastsS, folder };
    programs.start(program);
  }
}

type Server = readonly [machine: string, argv: readonly string[]];

function settingsFile(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function webServers(folder: string): Server[] {
  return ['web', 'sites', 'control'].map((machine) => {
    const path = settingsFile(folder, `nginx-${machine}.conf`, nginxSettings(folder, machine));
    return [machine, ['nginx', '-p', folder, '-c', path, '-e', 'stderr']];
  });
}

function shellServers(folder: string): Server[] {
  const port22 = settingsFile(folder, 'sshd-22.conf', sshdSettings(folder, 22));
  const machines = ['ssh', 'files', 'web', 'mail', 'ftp', 'client2', 'client3', 'client4', 'control'];
  return machines.map((machine) => [machine, ['/usr/sbin/sshd', '-D', '-e', '-f', port22]]);
}

function fileServers(folder: string): Server[] {
  const rsync = settingsFile(folder, 'rsyncd.conf', rsyncSettings(folder));
  const ftp = ['-m', 'pyftpdlib', '-p', '21', '-d', join(folder, 'ftp'), '-u', ACCOUNT.name, '-P', ACCOUNT.password];
  return [
    ['files', ['rsync', '--daemon', '--no-detach', `--config=${rsync}`]],
    ['ftp', [PYTHON, ...ftp]],
    ['mail', [PYTHON, '-m', 'aiosmtpd', '-n', '-l', `${addressOf('mail')}:25`, '-c', 'aiosmtpd.handlers.Sink']],
  ];
}

function nameServers(): Server[] {
  const quiet = [
    'dnsmasq',
    '-k',
    '-C',
    '/dev/null',
    '--pid-file=',
    '--no-resolv',
    '--no-hosts',
    '--user=root',
    '--bind-interfaces',
  ];
  const inside = MACHINES.filter(({ links }) => links[0]!.side === 'inside');
  const records = inside.map(({ name, links }) => `--host-record=${name}.lab.test,${links[0]!.addresses[0]}`);
  const sites = MACHINES.find(({ name }) => name === 'sites')!.links[0]!.addresses;
  const siteRecords = SITE_NAMES.map((name, index) => `--host-record=${name},www.${name},${sites[index]}`);
  const [control, controlTunnel] = MACHINES.find(({ name }) => name === 'control')!.links[0]!.addresses;
  const forwards = [
    `--server=/example/${addressOf('names')}`,
    `--server=/${TUNNEL_DOMAINS.iodine}/${control}`,
    `--server=/${TUNNEL_DOMAINS.own}/${controlTunnel}`,
  ];
  const nowhere = ['com', 'net', 'org', 'test', 'arpa'].map((domain) => `--local=/${domain}/`);
  return [
    [
      'dns',
      [...quiet, `--listen-address=${addressOf('dns')}`, '--cache-size=500', ...records, ...forwards, ...nowhere],
    ],
    [
      'names',
      [
        ...quiet,
        `--listen-address=${addressOf('names')}`,
        '--local=/example/',
        '--auth-ttl=60',
        '--local-ttl=30',
        ...siteRecords,
        `--host-record=update.site1.example,${control}`,
      ],
    ],
  ];
}

function otherServers(): Server[] {
  return [
    ['time', [PYTHON, join(OWN_PROGRAMS, 'ntp.py'), 'serve']],
    ['reflectors', [PYTHON, join(OWN_PROGRAMS, 'reflector.py')]],
  ];
}
