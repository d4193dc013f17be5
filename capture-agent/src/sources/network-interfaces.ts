import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { SourceError } from './source.js';

/** A network interface of this machine. */
export interface NetworkInterface {
  name: string;
  /** IPv4 and IPv6 addresses in text, without prefix length. */
  addresses: string[];
  isUp: boolean;
  isLoopback: boolean;
}

/** What the operating system says: addresses of interfaces that are up, and on Linux the flags of all. */
export interface InterfaceFacts {
  addresses: ReturnType<typeof networkInterfaces>;
  /** Linux interface flags by name (netdevice(7)); empty elsewhere. */
  flags: ReadonlyMap<string, number>;
}

const FLAG_UP = 0x1;
const FLAG_LOOPBACK = 0x8;

/** All interfaces, in the system's order; those without an address only on Linux. Needs neither libpcap nor rights. */
export function listInterfaces(facts: InterfaceFacts = readFacts()): NetworkInterface[] {
  const names = new Set([...Object.keys(facts.addresses), ...facts.flags.keys()]);
  return [...names].map((name) => {
    const addresses = facts.addresses[name] ?? [];
    const flags = facts.flags.get(name);
    return {
      name,
      addresses: addresses.map(({ address }) => address),
      isUp: flags === undefined ? addresses.length > 0 : (flags & FLAG_UP) !== 0,
      isLoopback: addresses.some(({ internal }) => internal) || ((flags ?? 0) & FLAG_LOOPBACK) !== 0,
    };
  });
}

function readFacts(): InterfaceFacts {
  return { addresses: networkInterfaces(), flags: readLinuxFlags() };
}

function readLinuxFlags(): Map<string, number> {
  const flags = new Map<string, number>();
  try {
    for (const name of readdirSync('/sys/class/net')) {
      flags.set(name, Number.parseInt(readFileSync(`/sys/class/net/${name}/flags`, 'utf8'), 16));
    }
  } catch {
    // Not Linux, or hidden by a container: what node:os says must do.
  }
  return flags;
}

/**
 * The interface to capture on. `auto` is the first that is up, has an address and is no loopback; a SourceError says so
 * when there is none. Any other name is returned as it is: whether it exists is for the capture library to say.
 */
export function pickInterface(name: string, interfaces: readonly NetworkInterface[] = listInterfaces()): string {
  if (name !== 'auto') return name;
  const usable = interfaces.find(({ isUp, isLoopback, addresses }) => isUp && !isLoopback && addresses.length > 0);
  if (usable) return usable.name;
  throw new SourceError(
    `no interface is up with an address. ${foundInterfaces(interfaces)} Bring one up or set --interface.`,
  );
}

/** `Found: eth0, lo.`, for messages. */
export function foundInterfaces(interfaces: readonly NetworkInterface[]): string {
  return interfaces.length === 0 ? 'Found: none.' : `Found: ${interfaces.map(({ name }) => name).join(', ')}.`;
}
