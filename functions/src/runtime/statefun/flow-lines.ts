import {
  COMMUNITY_ID_BYTES,
  type FiveTuple,
  FLOW_APPLICATIONS,
  FlowOutcome,
  type FlowRecordTable,
  flowOutcomeName,
  PayloadGuess,
  putCommunityId,
} from '@weir/contracts';
import { TextBytes } from './text-bytes.js';

/** What stands between the values of a line, and the values that are one of a few. */
const PIECE = {
  communityId: Buffer.from(',"communityId":"'),
  originator: Buffer.from('","originator":"'),
  responder: Buffer.from('","responder":"'),
  originatorPort: Buffer.from('","originatorPort":'),
  responderPort: Buffer.from(',"responderPort":'),
  protocol: Buffer.from(',"protocol":'),
  startMs: Buffer.from(',"startMs":'),
  endMs: Buffer.from(',"endMs":'),
  packets: Buffer.from(',"packets":'),
  bytes: Buffer.from(',"bytes":'),
  originatorBytes: Buffer.from(',"originatorBytes":'),
  responderBytes: Buffer.from(',"responderBytes":'),
  end: Buffer.from('}'),
  newLine: Buffer.from('\n'),
};
const OUTCOMES = Object.values(FlowOutcome).map((outcome) =>
  Buffer.from(`,"outcome":${JSON.stringify(flowOutcomeName(outcome))}`),
);
const UNKNOWN_OUTCOME = Buffer.from(`,"outcome":"${flowOutcomeName(OUTCOMES.length)}"`);
const APPLICATIONS = FLOW_APPLICATIONS.map((name) => Buffer.from(`,"application":${JSON.stringify(name)}`));

/** One serves all flows. */
const tuple: FiveTuple = {
  source: new Uint8Array(16),
  destination: new Uint8Array(16),
  sourcePort: 0,
  destinationPort: 0,
  protocol: 0,
};
const text = new TextBytes();

/**
 * Flow records as JSON lines, the very bytes that JSON.stringify makes of flowSummaryOf, straight from the columns: a
 * flood ends flows by the hundred thousand a second, and an object and four strings for each cost four times as much.
 * `take` gets them in blocks that end as soon as they have `fullBytes`.
 */
export function writeFlowLines(
  sensor: string,
  records: FlowRecordTable,
  { fullBytes, take }: { fullBytes: number; take: (lines: Uint8Array) => void },
): void {
  const begin = Buffer.from(`{"sensor":${JSON.stringify(sensor)}`);
  text.clear();
  for (let row = 0; row < records.count; row++) {
    if (text.lengthBytes > 0) text.bytes(PIECE.newLine);
    text.bytes(begin);
    writeParties(records, row);
    writeCourse(records, row);
    if (text.lengthBytes < fullBytes) continue;
    take(text.copy());
    text.clear();
  }
  if (text.lengthBytes > 0) take(text.copy());
}

/** Who with whom. */
function writeParties({ columns: c }: FlowRecordTable, row: number): void {
  const at = row * 16;
  copyAddress(c.originatorAddress.bytes, at, tuple.source);
  copyAddress(c.responderAddress.bytes, at, tuple.destination);
  tuple.sourcePort = c.originatorPort[row]!;
  tuple.destinationPort = c.responderPort[row]!;
  tuple.protocol = c.protocol[row]!;
  text.bytes(PIECE.communityId);
  text.put(COMMUNITY_ID_BYTES, putId);
  text.bytes(PIECE.originator);
  text.address(tuple.source, 0);
  text.bytes(PIECE.responder);
  text.address(tuple.destination, 0);
  text.bytes(PIECE.originatorPort);
  text.number(tuple.sourcePort);
  text.bytes(PIECE.responderPort);
  text.number(tuple.destinationPort);
  text.bytes(PIECE.protocol);
  text.number(tuple.protocol);
}

/** How it went. */
function writeCourse({ columns: c }: FlowRecordTable, row: number): void {
  text.bytes(OUTCOMES[c.outcome[row]!] ?? UNKNOWN_OUTCOME);
  text.bytes(PIECE.startMs);
  text.msOfUs(c.startUs[row]!);
  text.bytes(PIECE.endMs);
  text.msOfUs(c.endUs[row]!);
  text.bytes(PIECE.packets);
  text.number(c.originatorPackets[row]! + c.responderPackets[row]!);
  text.bytes(PIECE.bytes);
  text.number(c.originatorBytes[row]! + c.responderBytes[row]!);
  text.bytes(PIECE.originatorBytes);
  text.number(c.originatorBytes[row]!);
  text.bytes(PIECE.responderBytes);
  text.number(c.responderBytes[row]!);
  const application = APPLICATIONS[c.payloadGuess[row]! - PayloadGuess.text];
  if (application) text.bytes(application);
  text.bytes(PIECE.end);
}

function putId(into: Uint8Array, at: number): void {
  putCommunityId(tuple, into, { at });
}

function copyAddress(from: Uint8Array, at: number, into: Uint8Array): void {
  for (let byte = 0; byte < 16; byte++) into[byte] = from[at + byte]!;
}
