import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Decoder } from '@weir/capture-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agent } from '../commands/agent.js';
import { createMemoryIo } from '../memory-io.js';
import { parseLine } from '../options/parse.js';
import { chooseSource } from '../source-options.js';
import { openAgentInput } from './agent-input.js';

const CAPTURE = fileURLToPath(new URL('../../../testdata/port-scan/capture.pcap.gz', import.meta.url));
const ROWS = 'src_ip,dst_ip,src_port,dst_port,protocol\n10.0.0.1,10.0.0.2,4000,80,tcp\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-input-'));
  writeFileSync(join(folder, 'flows.csv'), ROWS);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what a sensor reads', () => {
  it.each([
    ['a capture', () => CAPTURE],
    ['a flow table', () => join(folder, 'flows.csv')],
  ])('ends when it is asked to while it is paused: %s', async (_, pathOf) => {
    const stop = new AbortController();
    const io = createMemoryIo({ stop: stop.signal });
    const { options, operands } = parseLine(agent.options, [pathOf()]);
    const parts = { options, operands, io, decoder: new Decoder(), allowedLatenessMs: 1000, choose: chooseSource };
    const input = await openAgentInput(parts as never);
    await input.open();
    await input.controls.pause();
    let asked = 0;
    const reading = input.read(
      () => undefined,
      async () => void asked++,
    );
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBe(0);
    stop.abort();
    await reading;
    expect(input.controls.isPaused).toBe(true);
  });
});
