import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INCIDENT_KINDS } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { BENIGN_ACTIVITIES } from '../benign.js';
import { DayOver } from '../event-clock.js';
import { addressesIn, startComplaint } from '../guard.js';
import { LAB_NETWORKS, MACHINES, networkOf } from '../network.js';
import type { Running } from '../programs.js';
import { chances } from '../stage.js';
import { packageOf } from '../tools.js';
import { ATTACKS } from './index.js';

describe('the attacks', () => {
  it('have names and labels of their own', () => {
    for (const names of [ATTACKS.map(({ name }) => name), ATTACKS.map(({ label }) => label)]) {
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it.each(ATTACKS.map((attack) => [attack.label, attack] as const))('%s begins with a kind of incident', (label) => {
    const kinds = INCIDENT_KINDS.map((kind) => kind.replaceAll('-', '_'));
    expect(kinds.some((kind) => label === kind || label.startsWith(`${kind}_`))).toBe(true);
  });

  it('are of programs whose Debian packages are known', () => {
    const tools = [...ATTACKS, ...BENIGN_ACTIVITIES].flatMap((activity) => activity.tools);
    expect(tools.filter((tool) => packageOf(tool) === undefined)).toEqual([]);
  });

  it('name no address but those of the laboratory', () => {
    const named = ATTACKS.flatMap(({ attacker, victim, filter }) => addressesIn(`${attacker} ${victim} ${filter}`));
    const four = named.filter((address) => !address.includes(':'));
    expect(four.length).toBeGreaterThan(ATTACKS.length);
    expect(four.filter((address) => !LAB_NETWORKS.includes(networkOf(address)))).toEqual([]);
  });

  it('start no program that the guard would refuse', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-lab-attacks-'));
    const refusals: string[] = [];
    for (const { name, run } of [
      ...ATTACKS,
      ...BENIGN_ACTIVITIES.map((work) => ({ name: work.name, run: work.once })),
    ]) {
      let left = 50;
      const start = (machine: string, argv: readonly string[]): Running => {
        if (--left < 0) throw new DayOver('enough');
        const complaint = startComplaint({ links: [], routes: [] }, argv);
        if (complaint || !MACHINES.some((known) => known.name === machine))
          refusals.push(`${name}: ${machine}: ${complaint}`);
        return {
          program: { machine, argv, limitS: 1 },
          pid: 1,
          logPath: '',
          ended: Promise.resolve(0),
          end: async () => {},
        };
      };
      const stage = {
        folder,
        start,
        run: (machine: string, argv: readonly string[]) => start(machine, argv).ended,
        pause: async () => {},
        random: chances(1),
      };
      await run(stage).catch((error) => expect(error).toBeInstanceOf(DayOver));
    }
    rmSync(folder, { recursive: true });
    expect(refusals).toEqual([]);
  });
});
