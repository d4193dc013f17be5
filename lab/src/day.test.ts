import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveDay } from './day.js';
import { EventClock } from './event-clock.js';
import type { Program, Running } from './programs.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** Programs that only take their time: until they are ended, their limit, or a tenth of a second. */
class FakePrograms {
  readonly started: { program: Program; atMs: number; endedAtMs?: number }[] = [];

  start(program: Program): Running {
    const entry: (typeof this.started)[number] = { program, atMs: Date.now() };
    if (program.argv[0] === 'dig') throw new Error('dig must not start');
    this.started.push(entry);
    const lastsMs = program.argv[0] === 'slowhttptest' ? program.limitS * 1000 : 100;
    let finish = (): void => {};
    const ended = new Promise<number>((resolve) => {
      finish = () => {
        entry.endedAtMs ??= Date.now();
        resolve(0);
      };
    });
    setTimeout(finish, lastsMs);
    return { program, pid: 1, logPath: '', ended, end: async () => finish() };
  }
}

async function live(minutes: number, attacks: readonly string[], isCompressed = false) {
  const programs = new FakePrograms();
  const clock = new EventClock({ lastsMs: minutes * 60_000, isCompressed });
  const complaints: string[] = [];
  const complain = (line: string) => void complaints.push(line);
  const day = liveDay({
    clock,
    programs,
    folder: '/nowhere',
    seed: 1,
    isLight: true,
    attacks,
    calm: 1,
    tell: () => {},
    complain,
    attackFrom: () => {},
  });
  await vi.advanceTimersByTimeAsync(minutes * 60_000 + 200_000);
  return { ...(await day), programs, clock, complaints };
}

describe('a day in the laboratory', () => {
  it('works all the time and attacks in turn, each attack after the one before', async () => {
    const { attempts, leftOut, programs } = await live(3, ['nmap-syn', 'nmap-fin', 'slow-headers']);
    expect(attempts.map(({ attack }) => attack.name)).toEqual(['nmap-syn', 'nmap-fin', 'slow-headers']);
    expect(leftOut).toEqual([]);
    for (let index = 1; index < attempts.length; index++) {
      expect(attempts[index]!.startMs).toBeGreaterThan(attempts[index - 1]!.endMs);
    }
    expect(programs.started.filter(({ program }) => program.argv[0] === 'curl').length).toBeGreaterThan(20);
  });

  it('ends an attack at its limit', async () => {
    const { attempts } = await live(3, ['slow-headers']);
    const [{ attack, startMs, endMs }] = attempts as [(typeof attempts)[number]];
    expect(endMs - startMs).toBeLessThanOrEqual(attack.limitS * 1000);
  });

  it('names the attacks that no time is left for, instead of cutting them', async () => {
    const { attempts, leftOut } = await live(1, ['nmap-syn', 'slow-headers']);
    expect(attempts.map(({ attack }) => attack.name)).toEqual(['nmap-syn']);
    expect(leftOut).toEqual(['slow-headers']);
  });

  it('ends what goes on beside the others with the day', async () => {
    const { attempts, clock } = await live(2, ['beacon']);
    expect(attempts.map(({ attack }) => attack.name)).toEqual(['beacon']);
    expect(attempts[0]!.endMs).toBeGreaterThanOrEqual(clock.endMs);
  });

  it('goes on without what could not be started, and says so once', async () => {
    const { complaints, programs } = await live(2, []);
    expect(complaints).toEqual(['look-ups: dig must not start']);
    expect(programs.started.length).toBeGreaterThan(20);
  });

  it('chooses the same work in the same order for the same seed', async () => {
    const order = async () => (await live(2, [])).programs.started.map(({ program }) => program.argv.join(' '));
    expect(await order()).toEqual(await order());
  });

  it('passes a long day in a part of its time when pauses are cut short', async () => {
    const { programs, clock } = await live(30, [], true);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(clock.endMs);
    const realMs = Math.max(...programs.started.map(({ atMs }) => atMs)) - clock.startMs;
    expect(realMs).toBeLessThan(15 * 60_000);
    expect(programs.started.length).toBeGreaterThan(500);
  });
});
