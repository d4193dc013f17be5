import { fileURLToPath } from 'node:url';
import { createCaptureFileSource } from '@weir/capture-agent';
import { decodeSensorBatch, encodeHostBatch, encodePacketBatch } from '@weir/contracts';
import { parseDetectionConfig } from '@weir/functions';
import { beforeAll, describe, expect, it } from 'vitest';
import { runAgent } from '../cli/src/pipeline.js';
import { createFlowFunction } from '../functions/src/flow/index.js';

/**
 * What a cluster does when it restores a checkpoint: states are read back into cores that served others before. Each goes
 * on as if nothing had been.
 */

const CAPTURE = fileURLToPath(new URL('../testdata/port-scan/capture.pcap.gz', import.meta.url));
const config = parseDetectionConfig({});
const flows = createFlowFunction({ ...config.flow, hostPartitions: 1, records: 'none' });
const messages: Uint8Array[] = [];

beforeAll(async () => {
  const source = createCaptureFileSource({ path: CAPTURE });
  const { signal: stop } = new AbortController();
  const options = { source, sensor: 'local', partitions: 1, maxBatchPackets: 50, stop, tick: 'none' } as const;
  await runAgent({ ...options, allowedLatenessMs: config.allowedLatenessMs }, (batch) => {
    messages.push(encodePacketBatch(batch));
  });
});

/** What the partition says to hosts about a message. */
function told(state: ReturnType<typeof flows.initialState>, message: Uint8Array): string[] {
  const out: string[] = [];
  flows.transition(state, decodeSensorBatch(message), (output) => {
    if (output.kind === 'host-batch') out.push(Buffer.from(encodeHostBatch(output.batch)).toString('base64'));
  });
  return out;
}

describe('a flow partition', () => {
  it('says the same after each message when its state is read back before it', () => {
    const whole = flows.initialState('flow/local/0');
    const steps = messages.map((message) => ({ before: flows.encode(whole), said: told(whole, message) }));
    expect(steps.length).toBeGreaterThan(20);
    for (const [n, { before, said }] of steps.entries()) {
      const state = flows.decode(before);
      expect(told(state, messages[n]!), `message ${n}`).toEqual(said);
      for (const later of messages.slice(n + 1, n + 9)) told(state, later);
      // Its core serves the next.
      flows.release?.(state);
    }
  });
});
