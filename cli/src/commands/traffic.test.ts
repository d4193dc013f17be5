import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryIo } from '../memory-io.js';
import { run } from '../run.js';
import { TRAFFIC_KINDS } from '../traffic/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-traffic-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function weir(...argv: string[]) {
  const io = createMemoryIo();
  return { code: await run(argv, io), ...io.written };
}

describe('weir traffic', () => {
  it('lists every kind with its ways and the defaults of its options', async () => {
    const { code, stdout } = await weir('traffic', '--list');
    expect(code).toBe(0);
    for (const { name } of TRAFFIC_KINDS) expect(stdout).toMatch(new RegExp(`^${name}: `, 'm'));
    expect(stdout).toMatch(
      /^slow-dos: .*\n {4}--technique +headers\|body\|read\|random; headers\n {4}--packets +connections; 160$/m,
    );
  });

  it('writes what was asked for, and what is in it', async () => {
    const [out, truth] = [join(folder, 'a.pcap'), join(folder, 'a.csv')];
    const size = ['--packets', '20', '--rate', '5', '--jitter', '0', '--technique', 'irc', '--no-background'];
    expect(await weir('traffic', 'command-and-control', ...size, '--out', out, '--truth', truth)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(truth, 'utf8')).toMatch(
      /,command_and_control_irc,c2,10\.20\.1\.16,203\.0\.113\.90:80,\d+,a\.pcap,"20 in all, 5\/s"\n$/,
    );
  });

  it('names the ways of a kind when it is asked for another', async () => {
    const { code, stderr } = await weir('traffic', 'slow-dos', '--technique', 'syn', '--out', join(folder, 'b.pcap'));
    expect(code).toBe(2);
    expect(stderr).toContain('unknown technique "syn"; known: headers, body, read, random');
  });

  it('does not send what needs raw packets or several machines', async () => {
    const { code, stderr } = await weir('traffic', 'arp-spoofing', '--send', '127.0.0.1:9');
    expect(code).toBe(2);
    expect(stderr).toMatch(/"arp-spoofing" cannot be sent .* choose one of benign, syn-flood, port-scan/);
  });
});
