import { describe, expect, it } from 'vitest';
import { buildCommands, LAB_NETWORKS, MACHINES, macOf, networkOf } from './network.js';

const commands = buildCommands();

describe('the network', () => {
  it('gives each address once, all of them of the networks of the laboratory', () => {
    const addresses = MACHINES.flatMap(({ links }) => links.flatMap((link) => link.addresses));
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const address of addresses) expect(LAB_NETWORKS).toContain(networkOf(address));
  });

  it('is built without a default route', () => {
    const routes = commands.filter((command) => command.includes('route'));
    expect(routes.length).toBeGreaterThan(MACHINES.length);
    expect(routes.flat().some((word) => word === 'default' || word.startsWith('0.0.0.0'))).toBe(false);
  });

  it('lays every device in a namespace of its own', () => {
    for (const command of commands) {
      const inNamespace = command[1] === '-n' || command[1] === 'netns';
      expect(inNamespace, command.join(' ')).toBe(true);
    }
  });

  it('copies each frame to the sensor once: where it enters the inside switch', () => {
    const mirrored = commands.filter((command) => command.includes('mirred'));
    const insideLinks = MACHINES.flatMap(({ links }) => links).filter(({ side }) => side === 'inside');
    expect(mirrored.length).toBe(insideLinks.length);
    expect(mirrored.every((command) => command.includes('ingress'))).toBe(true);
  });

  it('keeps device names within what Linux takes', () => {
    for (const { name } of MACHINES) expect(`${name}-1`.length).toBeLessThan(16);
  });

  it('makes locally administered MAC addresses', () => {
    expect(macOf('10.77.0.101')).toBe('02:00:0a:4d:00:65');
  });
});
