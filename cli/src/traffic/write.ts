import type { AttackLabel } from './attacks/attack.js';
import { startBackground } from './background/index.js';
import { createNetwork } from './network.js';
import { checkOptions, type ResolvedTraffic, resolveOptions, type TrafficOptions } from './options.js';
import { type PlannedAttack, planAttacks, surroundingsOf } from './program.js';
import { Random } from './random.js';
import { Simulation, type Tally } from './simulation.js';
import { type TruthRow, truthRow } from './truth.js';
import { PcapWriter } from './wire/pcap-writer.js';

/** Takes the next bytes of the capture; may keep them. A promise holds the writing up until it resolves. */
export type ChunkWriter = (chunk: Uint8Array) => void | Promise<void>;

/** What was written. */
export interface TrafficSummary {
  readonly packets: number;
  /** Size of the capture, unit: bytes. */
  readonly bytes: number;
  readonly startMs: number;
  readonly durationS: number;
  /** One row an attack that has packets within the capture, in order of time. */
  readonly truth: readonly TruthRow[];
}

interface StagedAttack {
  readonly label: AttackLabel;
  readonly tally: Tally;
}

/**
 * Writes a labelled capture: pcap with microseconds, little-endian, Ethernet, packets in time order. The bytes depend on
 * the options alone. Memory does not grow with the number of packets. Throws TrafficOptionError before the first byte.
 */
export async function writeTraffic(options: TrafficOptions, writer: ChunkWriter): Promise<TrafficSummary> {
  checkOptions(options);
  const attacks = planAttacks(options);
  const endS = Math.max(0, ...attacks.map(({ startS, seconds }) => startS + seconds));
  const resolved = resolveOptions(options, endS, surroundingsOf(options.kind));
  const { simulation, staged } = stageAll(resolved, attacks);
  const capture = new PcapWriter(resolved.snapLengthBytes);
  while (simulation.fill(capture)) await writer(capture.take());
  await writer(capture.take());
  return summary(capture, resolved, staged);
}

function stageAll(options: ResolvedTraffic, attacks: readonly PlannedAttack[]) {
  const startUs = options.startMs * 1000;
  const endUs = startUs + Math.round(options.durationS * 1_000_000);
  const simulation = new Simulation(createNetwork(options.seed, options.hosts), startUs, endUs, options.calm);
  if (options.background) startBackground(simulation.scene(), options.seed);
  const staged = attacks.map((attack) => stageAttack(simulation, attack, options.seed));
  return { simulation, staged };
}

function stageAttack(simulation: Simulation, attack: PlannedAttack, seed: number): StagedAttack {
  const tally: Tally = { firstUs: 0, lastUs: 0, packets: 0 };
  const label = attack.start({
    scene: simulation.scene(tally),
    aside: simulation.scene(),
    random: new Random(seed, attack.name),
    seed,
    startUs: simulation.startUs + Math.round(attack.startS * 1_000_000),
    tally,
    addStream: (stream) => simulation.add(stream),
  });
  return { label, tally };
}

function summary(capture: PcapWriter, options: ResolvedTraffic, staged: readonly StagedAttack[]): TrafficSummary {
  const within = staged.filter(({ tally }) => tally.packets > 0);
  return {
    packets: capture.packets,
    bytes: capture.writtenBytes,
    startMs: options.startMs,
    durationS: options.durationS,
    truth: within.map(({ label, tally }) => truthRow(label, tally, options.captureName)),
  };
}
