import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** Debian packages by the file that shows they are installed. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2', tc: 'iproute2', sysctl: 'procps', ethtool: 'ethtool', tcpdump: 'tcpdump', curl: 'curl', wget: 'wget',
  dig: 'bind9-dnsutils', ping: 'iputils-ping', ssh: 'openssh-client', 'ssh-keygen': 'openssh-client', openssl: 'openssl',
  sshd: 'openssh-server', nginx: 'nginx-light', dnsmasq: 'dnsmasq-base', rsync: 'rsync', swaks: 'swaks', busybox: 'busybox',
  chromium: 'chromium', nmap: 'nmap', hping3: 'hping3', hydra: 'hydra', slowhttptest: 'slowhttptest', ab: 'apache2-utils',
  iodine: 'iodine', iodined: 'iodine', 'ptunnel-ng': 'ptunnel-ng', arpspoof: 'dsniff', 'arp-scan': 'arp-scan',
  'atk6-alive6': 'thc-ipv6', 'atk6-fake_router6': 'thc-ipv6', 'impacket-samrdump': 'python3-impacket',
}; // biome-ignore format: a list to read

/** Modules of Debian's Python by their packages. */
const PYTHON_PACKAGES: Readonly<Record<string, string>> = {
  '/usr/lib/python3/dist-packages/aiosmtpd': 'python3-aiosmtpd',
  '/usr/lib/python3/dist-packages/pyftpdlib': 'python3-pyftpdlib',
};

/** Programs that every run needs, whatever it does. */
const ALWAYS = [
  'ip',
  'tc',
  'sysctl',
  'ethtool',
  'tcpdump',
  'ssh',
  'ssh-keygen',
  'openssl',
  'sshd',
  'nginx',
  'dnsmasq',
  'rsync',
];

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const POLICY = '/usr/sbin/policy-rc.d';
const SERVICES = ['nginx', 'ssh', 'iodined', 'rsync'];

const isPresent = (tool: string): boolean => FOLDERS.some((folder) => existsSync(`${folder}/${tool}`));

/** Debian packages that are missing for these programs and for the servers. */
export function missingPackages(tools: readonly string[]): string[] {
  const programs = [...ALWAYS, ...tools].filter((tool) => !isPresent(tool)).map((tool) => PACKAGES[tool] ?? tool);
  const modules = Object.entries(PYTHON_PACKAGES).filter(([path]) => !existsSync(path));
  return [...new Set([...programs, ...modules.map(([, name]) => name)])].sort();
}

/** The Debian package of a program. */
export function packageOf(tool: string): string | undefined {
  return PACKAGES[tool];
}

/**
 * Installs packages without starting a service of theirs, now or at the next start of the machine; what was installed
 * before stays as it is. Throws when apt-get fails.
 */
export function installPackages(packages: readonly string[]): void {
  const enabledBefore = SERVICES.filter(isEnabled);
  const isPolicyOurs = !existsSync(POLICY);
  if (isPolicyOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update'], { stdio: 'inherit', env });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { stdio: 'inherit', env });
  } finally {
    if (isPolicyOurs) rmSync(POLICY);
  }
  const added = SERVICES.filter((service) => isEnabled(service) && !enabledBefore.includes(service));
  for (const service of added) spawnSync('systemctl', ['disable', service], { stdio: 'ignore' });
}

function isEnabled(service: string): boolean {
  return spawnSync('systemctl', ['is-enabled', '--quiet', service], { stdio: 'ignore' }).status === 0;
}
