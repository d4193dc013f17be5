import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, SITE_COUNT } from './network.js';

/** Pages that a crawler finds, each linked from others. */
const PAGE_COUNT = 120;
/** The account of the laboratory's own password files. No system account is used or made. */
export const ACCOUNT = { name: 'clerk', password: 'correct-horse-battery' } as const;
/** Names of the sites outside, all reserved (RFC 2606). */
export const SITE_NAMES: readonly string[] = Array.from(
  { length: SITE_COUNT },
  (_, index) => `site${index + 1}.example`,
);
/** Where tunnels go, through the resolver: `t` to iodine's server, `x` to the laboratory's own. */
export const TUNNEL_DOMAINS = { iodine: 't.hidden.example', own: 'x.tunnel.example' } as const;

const MEGABYTE = 1_000_000;

/** Everything that servers give away: made anew for each run, in `folder`. */
export function makeSite(folder: string): void {
  for (const name of ['www/pages', 'www/upload', 'www/private', 'backup', 'keys', 'home/.ssh', 'ftp']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writePages(join(folder, 'www'));
  writeFileSync(join(folder, 'www/large.bin'), randomBytes(12 * MEGABYTE));
  writeFileSync(join(folder, 'www/segment.bin'), randomBytes(MEGABYTE / 2));
  for (let index = 0; index < 20; index++) {
    writeFileSync(join(folder, `www/package${index}.deb`), randomBytes(20_000 + index * 15_000));
    writeFileSync(join(folder, `ftp/report${index}.txt`), 'a line of a report\n'.repeat(500 + index * 50));
  }
  writeFileSync(join(folder, 'secret.bin'), randomBytes(6 * MEGABYTE));
  makeKeys(folder);
}

function writePages(www: string): void {
  for (let index = 0; index < PAGE_COUNT; index++) {
    const links = [1, 7, 13].map((step) => `<a href="/pages/${(index * step + step) % PAGE_COUNT}.html">more</a>`);
    const text = `<p>${'Plain words of a plain page. '.repeat(40 + ((index * 37) % 200))}</p>`;
    writeFileSync(
      join(www, `pages/${index}.html`),
      `<html><title>Page ${index}</title>${links.join('')}${text}</html>\n`,
    );
  }
  writeFileSync(
    join(www, 'index.html'),
    '<html><title>Start</title><a href="/pages/0.html">pages</a><img src="/logo.bin"></html>\n',
  );
  writeFileSync(join(www, 'private/index.html'), '<html><title>Private</title></html>\n');
  writeFileSync(join(www, 'logo.bin'), randomBytes(30_000));
}

/** A key for SSH that all servers of the laboratory take, a host key, a certificate, and a password file. */
function makeKeys(folder: string): void {
  const key = (path: string) => execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  key(join(folder, 'keys/host'));
  key(join(folder, 'keys/desk'));
  const subject = ['-subj', '/CN=site.example', '-days', '30', '-nodes'];
  const files = ['-keyout', join(folder, 'keys/tls.key'), '-out', join(folder, 'keys/tls.crt')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files], { stdio: 'ignore' });
  const hash = execFileSync('openssl', ['passwd', '-apr1', ACCOUNT.password], { encoding: 'utf8' }).trim();
  writeFileSync(join(folder, 'keys/htpasswd'), `${ACCOUNT.name}:${hash}\n`);
  const settings = `Host *\n  IdentityFile ${join(folder, 'keys/desk')}\n  UserKnownHostsFile /dev/null\n  StrictHostKeyChecking no\n  LogLevel ERROR\n`;
  writeFileSync(join(folder, 'keys/ssh_config'), settings);
  chmodSync(join(folder, 'keys/desk'), 0o600);
}

/** Settings of nginx for a machine that answers on all its addresses. */
export function nginxSettings(folder: string, machine: string): string {
  return `user root; worker_processes 1; daemon off; pid ${folder}/nginx-${machine}.pid; error_log stderr error;
events { worker_connections 512; }
http {
  access_log off; types { text/html html; } default_type application/octet-stream; keepalive_timeout 15;
  client_max_body_size 100m; client_body_temp_path ${folder}/body-${machine};
  server {
    listen 80; listen 443 ssl;
    ssl_certificate ${folder}/keys/tls.crt; ssl_certificate_key ${folder}/keys/tls.key;
    root ${folder}/www;
    location = /login { return 200 "wrong name or password\\n"; }
    location /private/ { auth_basic "private"; auth_basic_user_file ${folder}/keys/htpasswd; }
    location /upload/ { dav_methods PUT; create_full_put_path on; }
  }
}
`;
}

/** Settings of sshd: keys only for who has one, passwords that are never right. */
export function sshdSettings(folder: string, port: number): string {
  return `Port ${port}
HostKey ${folder}/keys/host
AuthorizedKeysFile ${folder}/keys/desk.pub
StrictModes no
PermitRootLogin yes
PasswordAuthentication yes
UsePAM no
MaxStartups 200
PidFile none
Subsystem sftp internal-sftp
`;
}

/** Settings of the rsync daemon of the file server. */
export function rsyncSettings(folder: string): string {
  return `use chroot = no
uid = root
gid = root
address = ${addressOf('files')}
pid file = ${folder}/rsyncd.pid
[backup]
  path = ${folder}/backup
  read only = no
`;
}
