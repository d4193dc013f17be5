import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ATTACKS } from './attacks/index.js';
import { BENIGN_ACTIVITIES } from './benign.js';
import { applyJumps, spanOf } from './capture.js';
import { type Attempt, liveDay } from './day.js';
import { EventClock } from './event-clock.js';
import { buildNetwork, removeNetwork, runCommand } from './namespaces.js';
import { attackFromCommand, SENSOR_INTERFACE } from './network.js';
import type { RunOptions } from './options.js';
import { Programs, type Running } from './programs.js';
import { startServers } from './servers.js';
import { makeSite } from './site.js';
import { missingPackages } from './tools.js';
import { type TruthRow, truthCsv } from './truth.js';

const CAPTURE = 'capture.pcap';
/** Headers, names and the first bytes of payload; lengths on the wire stay in the records. */
const SNAP_BYTES = 256;
const SENSOR_BUFFER_KB = 65_536;
/** Servers need a moment before they answer. */
const SERVERS_READY_MS = 2500;
/** A day of hours has pauses so many times as long as a run of minutes: it would take hours otherwise. */
const CALM_OF_LONG_DAYS = 8;
/** Packets on their way when a run ends. */
const LAST_PACKETS_MS = 500;

/** Runs the laboratory once, from building the network to removing it, also when interrupted; gives the exit code. */
export async function runLaboratory(options: RunOptions): Promise<number> {
  complainAboutTools(options);
  const out = resolve(options.folder);
  const work = mkdtempSync(join(tmpdir(), 'weir-lab-'));
  rmSync(join(out, 'logs'), { recursive: true, force: true });
  mkdirSync(join(out, 'logs'), { recursive: true });
  const programs = new Programs(join(out, 'logs'), work);
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());
  try {
    buildNetwork();
    makeSite(work);
    await record(options, { out, work, programs, interruption: interruption.signal });
  } finally {
    await programs.endAll();
    removeNetwork();
    rmSync(work, { recursive: true, force: true });
  }
  return interruption.signal.aborted ? 1 : 0;
}

interface Places {
  readonly out: string;
  readonly work: string;
  readonly programs: Programs;
  readonly interruption: AbortSignal;
}

function complainAboutTools({ attacks, isLight }: RunOptions): void {
  const wanted = ATTACKS.filter(({ name }) => attacks.includes(name));
  const work = BENIGN_ACTIVITIES.filter((activity) => activity.isLight || !isLight);
  const missing = missingPackages([...wanted, ...work].flatMap(({ tools }) => tools));
  if (missing.length > 0)
    throw new Error(`programs are missing: ${missing.join(', ')}. Install them: npm run lab -- --install.`);
}

async function record(options: RunOptions, places: Places): Promise<void> {
  const { out, work, programs, interruption } = places;
  const lastsMs = options.minutes * 60_000;
  startServers(programs, work, lastsMs / 1000 + 60);
  const sensor = startSensor(programs, join(out, CAPTURE), lastsMs / 1000 + 60);
  await sleep(SERVERS_READY_MS);
  interruption.throwIfAborted();
  const clock = new EventClock({ lastsMs, isCompressed: options.isCompressed });
  interruption.addEventListener('abort', () => void stopEarly(clock, programs));
  const failures: string[] = [];
  const tell = (line: string) => console.error(`${secondsOf(clock)} s  ${line}`);
  const complain = (line: string) => {
    failures.push(line);
    tell(line);
  };
  const attackFrom = (address: string) => runCommand(attackFromCommand(address));
  try {
    const day = await liveDay({
      ...options,
      clock,
      programs,
      folder: work,
      calm: options.isCompressed ? CALM_OF_LONG_DAYS : 1,
      tell,
      complain,
      attackFrom,
    });
    await sleep(LAST_PACKETS_MS);
    await sensor.end('SIGINT');
    writeResults(out, { ...day, failures, clock, programs, sensorSaid: readFileSync(sensor.logPath, 'utf8') });
  } finally {
    clock.stop();
  }
}

async function stopEarly(clock: EventClock, programs: Programs): Promise<void> {
  clock.stop();
  await programs.endAll();
}

function secondsOf(clock: EventClock): string {
  return ((clock.nowMs() - clock.startMs) / 1000).toFixed(0).padStart(6);
}

function startSensor(programs: Programs, path: string, limitS: number): Running {
  const options = [
    '-i',
    SENSOR_INTERFACE,
    '-s',
    String(SNAP_BYTES),
    '-B',
    String(SENSOR_BUFFER_KB),
    '-Z',
    'root',
    '-U',
  ];
  return programs.start({ machine: 'sensor', argv: ['tcpdump', ...options, '-w', path], limitS });
}

interface Results {
  readonly attempts: readonly Attempt[];
  readonly leftOut: readonly string[];
  readonly failures: readonly string[];
  readonly clock: EventClock;
  readonly programs: Programs;
  /** What tcpdump printed: at its end, packets captured and dropped by the kernel. */
  readonly sensorSaid: string;
}

function writeResults(out: string, { attempts, leftOut, failures, clock, programs, sensorSaid }: Results): void {
  const path = join(out, CAPTURE);
  const packets = applyJumps(path, clock.jumps);
  const rows = attempts.flatMap((attempt) => truthRow(path, attempt) ?? []);
  writeFileSync(join(out, 'truth.csv'), truthCsv(rows, CAPTURE));
  const silent = attempts
    .filter(({ attack }) => !rows.some(({ label }) => label === attack.label))
    .map(({ attack }) => attack.name);
  const summary = {
    packets,
    bytes: statSync(path).size,
    eventSeconds: Math.round((clock.nowMs() - clock.startMs) / 1000),
    secondsCutFromPauses: Math.round((clock.jumps.at(-1)?.aheadMs ?? 0) / 1000),
    programsStarted: programs.started,
    attacks: rows.length,
    attacksWithoutPackets: silent,
    attacksWithoutTime: leftOut,
    failures,
    sensor: sensorSaid.split('\n').filter((line) => line.includes('packets')),
  };
  writeFileSync(join(out, 'run.json'), `${JSON.stringify(summary, null, 2)}\n`);
  console.error(JSON.stringify(summary, null, 2));
}

/** The truth of an attempt, from the packets that the sensor saw of it; undefined when it saw none. */
function truthRow(path: string, { attack, startMs, endMs }: Attempt): TruthRow | undefined {
  const span = spanOf(path, attack.filter, { fromS: startMs / 1000, toS: endMs / 1000 + 1 });
  return span && { ...span, ...attack };
}
