import { describe, expect, it } from 'vitest';
import { createMemoryIo, type MemoryIo } from '../memory-io.js';
import { run } from '../run.js';

/** Waits for a log line that has `field`, and gives the line. */
async function logged(io: MemoryIo, field: string): Promise<Record<string, unknown>> {
  const deadlineMs = Date.now() + 25_000;
  while (Date.now() < deadlineMs) {
    const lines = io.written.stderr.trim().split('\n').filter(Boolean);
    const found = lines.map((line) => JSON.parse(line)).find((line) => field in line);
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`nothing logged with ${field}: ${io.written.stderr}`);
}

describe('weir functions', () => {
  it('serves until it is told to stop, with the environment below the options', async () => {
    const stop = new AbortController();
    const io: MemoryIo = {
      ...createMemoryIo({ stop: stop.signal }),
      env: {
        WEIR_SENSORS: 'office/4, lab/2',
        WEIR_HOST_PARTITIONS: '3',
        WEIR_RECORDS: 'all',
        WEIR_WINDOWS: '',
        WEIR_MODEL: 'isolation-forest',
      },
    };
    const done = run(['functions', '--port', '0', '--records', 'none'], io);
    const settings = await logged(io, 'port');
    expect(settings).toMatchObject({
      host: '127.0.0.1',
      hostPartitions: 3,
      incidentPartitions: 1,
      records: 'none',
      windows: 'network',
      models: ['flow-isolation-forest'],
      sensors: [
        { name: 'office', partitions: 4 },
        { name: 'lab', partitions: 2 },
      ],
    });
    const url = `http://127.0.0.1:${settings.port}`;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    stop.abort();
    expect(await done).toBe(0);
    await expect(fetch(`${url}/readyz`)).rejects.toThrow();
    expect(io.written.stdout).toBe('');
  });

  it.each([
    [['--sensors', 'office'], {}, '"office" is no sensor with its flow partitions. Expected such as office/4.'],
    [['--sensors', 'Büro/4'], {}, 'no sensor'],
    [[], { WEIR_HOST_PARTITIONS: 'many' }, 'hostPartitions is "many". Expected integer.'],
    [[], { WEIR_RECORDS: 'some' }, 'records is "some"'],
    [['--config', '/nowhere.json'], {}, 'cannot read "/nowhere.json"'],
    [['--model', 'nowhere'], {}, 'model "nowhere" is refused'],
    [[], { WEIR_MODEL: 'flow-fusion,flow-cluster' }, '"flow-fusion" already scores flow. Choose one of them.'],
    [
      [],
      { WEIR_MODEL: 'none', WEIR_ALARMS_PER_DAY: 'few' },
      'WEIR_ALARMS_PER_DAY is "few". Expected a number from 0.001 to 1000000.',
    ],
    [[], { WEIR_MODEL: 'none', WEIR_THRESHOLD: '7' }, 'WEIR_THRESHOLD is "7". Expected a number from 0 to 1.'],
    [[], { WEIR_MODEL: 'none', WEIR_KEEP_LEARNED: '1' }, 'WEIR_KEEP_LEARNED is "1". Expected true or false.'],
    [[], { WEIR_SENSORS: 'office/4,lab/2,office/1' }, 'the sensor "office" is named twice.'],
    [['--model', 'flow-fusion', '--model-stage', 'Production'], {}, 'no MLflow server. Set MLFLOW_TRACKING_URI'],
    [['--host', '192.0.2.1', '--port', '0'], {}, 'Choose another --port or --host.'],
  ])('refuses %j with %j, and says what is wrong', async (options, env, message) => {
    const io: MemoryIo = { ...createMemoryIo(), env };
    expect(await run(['functions', ...options], io)).toBe(2);
    expect(io.written.stderr).toContain(message);
  });
});
