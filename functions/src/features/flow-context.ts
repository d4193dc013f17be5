import { FADING_S, FEATURE_LISTS, finish, hashAddress, mix } from '@weir/contracts';
import type { FeatureRows } from './feature-rows.js';
import { FlowActivity, type FlowFacts } from './flow-activity.js';
import { ServiceHistory } from './service-history.js';
import type { ByteReader, ByteWriter } from './state-bytes.js';

/** Of each kind; beyond, those met longest ago are forgotten. */
const MOST_ENTITIES = 16_384;

const PLACE = Object.fromEntries(FEATURE_LISTS.flow.map(({ name }, k) => [name, k]));
const placeOf = (name: string) => PLACE[name]!;
const ORIGINATOR_PAYLOAD = placeOf('originatorPayloadBytes');
const RESPONDER_PAYLOAD = placeOf('responderPayloadBytes');
const ORIGINATOR_PACKETS = placeOf('originatorPackets');
const ANSWERED = placeOf('answered');
const REJECTED = placeOf('rejected');

/**
 * What source, destination, pair and service of a flow did before it. It is told in the order in which flows are judged, and
 * of no flow but those; state is bounded, and the same rows in the same order give the same.
 */
export class FlowContext {
  private readonly sources = new FlowActivity(MOST_ENTITIES);
  private readonly destinations = new FlowActivity(MOST_ENTITIES);
  private readonly pairs = new FlowActivity(MOST_ENTITIES);
  private readonly services = new ServiceHistory(MOST_ENTITIES);

  /** Writes the features that the list `flow-context` has beyond `flow`, of a row of `flow`, and remembers the row. */
  tell(rows: FeatureRows, row: number, { out, at }: { out: Float32Array; at: number }): void {
    const c = rows.keys.columns;
    const features = { matrix: rows.matrix, from: row * rows.width };
    const source = hashAddress(c.source.words, row * 4) >>> 0;
    const destination = hashAddress(c.destination.words, row * 4) >>> 0;
    const port = c.destinationPort[row]!;
    const facts = factsOf(features, { knownS: c.tellableS[row]!, port });
    let to = at;
    to = writeSums(this.sources, source, { flow: { ...facts, peer: destination }, out, to });
    to = writeSums(this.destinations, destination, { flow: { ...facts, peer: source }, out, to });
    to = writeSums(this.pairs, keyOf(source, destination), { flow: facts, out, to, isPair: true });
    const { knownS, failed } = facts;
    const flow = { knownS, startS: c.startUs[row]! / 1e6, failed, sizes: sizesOf(features) };
    this.services.tell(keyOf(source, finish(mix(destination, port)) >>> 0), flow, { out, at: to });
  }

  clear(): void {
    for (const part of this.parts) part.clear();
  }

  write(writer: ByteWriter): void {
    for (const part of this.parts) part.write(writer);
  }

  /** Knows what `write` wrote, and nothing else. */
  read(reader: ByteReader): void {
    for (const part of this.parts) part.read(reader);
  }

  private get parts() {
    return [this.sources, this.destinations, this.pairs, this.services];
  }
}

/** Where a row of the list `flow` begins. */
interface Features {
  readonly matrix: Float32Array;
  readonly from: number;
}

function factsOf({ matrix, from }: Features, { knownS, port }: { knownS: number; port: number }): FlowFacts {
  const failed = matrix[from + ANSWERED] === 0 || matrix[from + REJECTED] === 1 ? 1 : 0;
  const payloadBytes = matrix[from + ORIGINATOR_PAYLOAD]! + matrix[from + RESPONDER_PAYLOAD]!;
  return { knownS, failed, payloadBytes, peer: 0, port };
}

function sizesOf({ matrix, from }: Features): [number, number, number] {
  const size = (place: number) => Math.log1p(matrix[from + place]!);
  return [size(ORIGINATOR_PAYLOAD), size(RESPONDER_PAYLOAD), size(ORIGINATOR_PACKETS)];
}

/** One number for two hashes: all of the first and 21 bits of the second, as many as it can hold. */
function keyOf(first: number, second: number): number {
  return first * 2 ** 21 + (second >>> 11);
}

interface Telling {
  readonly flow: FlowFacts;
  readonly out: Float32Array;
  readonly to: number;
  /** A pair has no other peers. */
  readonly isPair?: boolean;
}

/** Counts a flow of an entity and writes what it did lately. Gives where the next feature goes. */
function writeSums(activity: FlowActivity, key: number, { flow, out, to, isPair = false }: Telling): number {
  let from = activity.count(key, flow);
  const { sums } = activity;
  let at = to;
  for (let rate = 0; rate < FADING_S.length; rate++, from += 5) {
    const flows = sums[from]!;
    out[at++] = flows;
    out[at++] = sums[from + 1]! / flows;
    out[at++] = sums[from + 2]!;
    if (!isPair) out[at++] = sums[from + 3]!;
    out[at++] = sums[from + 4]!;
  }
  return at;
}
