import { isIPv4, isIPv6 } from 'node:net';
import { LAB_NETWORKS, networkOf } from './network.js';

/** What `ip -j route` and `ip -j link` say of one namespace; only what the guard reads. */
export interface NamespaceState {
  readonly links: readonly { readonly ifname: string; readonly link_netnsid?: number }[];
  readonly routes: readonly { readonly dst: string; readonly dev: string }[];
}

/** Devices that a namespace of the laboratory may have; `dns0` is made by iodine, `mirror` is the sensor's. */
const KNOWN_DEVICES = /^(?:lo|eth[01]|dns0|mirror)$/;
/** IPv6 is only spoken on the link, or with documentation addresses (RFC 3849). */
const LINK_ONLY_IPV6 = /^(?:fe80:|ff0[12]:|2001:db8:|::1$)/i;

/**
 * Why a program must not start in this namespace with these arguments, or undefined when it may. It may when nothing
 * leads out of the laboratory and every address among the arguments is one of the laboratory's networks.
 */
export function startComplaint(state: NamespaceState, args: readonly string[]): string | undefined {
  return stateComplaint(state) ?? argumentComplaint(args);
}

function stateComplaint({ links, routes }: NamespaceState): string | undefined {
  const stranger = links.find(({ ifname }) => !KNOWN_DEVICES.test(ifname));
  if (stranger) return `the namespace has a device that the laboratory did not make: ${stranger.ifname}`;
  const way = routes.find(({ dst }) => !isLabNetwork(dst));
  if (way) return `the namespace has a route to ${way.dst} by ${way.dev}, which leads out of the laboratory`;
  return undefined;
}

function argumentComplaint(args: readonly string[]): string | undefined {
  for (const arg of args) {
    const foreign = addressesIn(arg).find((address) => !isAllowed(address));
    if (foreign) return `${foreign} is not an address of the laboratory (${LAB_NETWORKS.join(', ')})`;
  }
  return undefined;
}

/** Every IPv4 and IPv6 address in an argument such as `http://10.77.0.80:8080/` or `10.77.0.0/24`. */
export function addressesIn(arg: string): string[] {
  const four = (arg.match(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g) ?? []).filter((text) => isIPv4(text));
  const six = (arg.match(/[0-9a-f:]*::?[0-9a-f:]+/gi) ?? []).filter((text) => isIPv6(text));
  return [...four, ...six];
}

function isAllowed(address: string): boolean {
  if (isIPv6(address)) return LINK_ONLY_IPV6.test(address);
  return address === '127.0.0.1' || address === '0.0.0.0' || LAB_NETWORKS.includes(networkOf(address));
}

function isLabNetwork(route: string): boolean {
  if (route === 'default') return false;
  if (route.includes(':')) return LINK_ONLY_IPV6.test(route);
  const [address, bits = '32'] = route.split('/');
  return Number(bits) >= 24 && LAB_NETWORKS.includes(networkOf(address!));
}
