import { type ActivityTable, FlowEvent, hashAddress, hashBytes, NoteKind, Protocol, Role } from '@weir/contracts';
import type { HostConfig } from './config.js';
import { countActivity } from './count.js';
import type { WindowsCounted } from './count-windows.js';
import type { KeyedDetector } from './detectors/keyed-detector.js';
import { observersOf } from './detectors/keyed-observers.js';
import { TELLING_BREACHES } from './detectors/protocol/protocol-violation.js';
import { FIELD, SET } from './fields.js';
import type { HostTable } from './hosts.js';
import type { PaneQueue } from './pane-queue.js';
import { RowList } from './row-list.js';
import { countDatagramSides, countSides, sidesOf } from './sensor-sides.js';
import type { HostPartitionState } from './state.js';
import { sensorBit } from './upstreams.js';

const OPENED = FlowEvent.answered | FlowEvent.established;
/** Sent in a second of a flow, from which detectors of what leaves the network look at it. */
const MUCH_SENT_BYTES = 16_384;

/** Rows of the pane at hand, by the hook that sees them; and its notes, by kind. Emptied before each use: an exception may have ended the last. */
const ROWS = { activity: new RowList(), service: new RowList(), icmp: new RowList(), breach: new RowList() };
const NOTES = Object.values(NoteKind).map(() => new RowList());

/** A pane to be counted. */
export interface Pane {
  readonly state: HostPartitionState;
  readonly second: number;
  readonly host: HostConfig;
  readonly windows: WindowsCounted;
}

/** Counts what all upstreams have sent about a pane, which leaves their queues. */
export function countPane(pane: Pane): void {
  const { state, second } = pane;
  for (const queue of state.queues.values()) {
    if (queue.firstPaneS > second) continue;
    const bit = sensorBit(state, queue.sensor);
    // All are set together, so one tells of all.
    if (state.keyed[0]?.counts.sensorBit !== bit) for (const { counts } of state.keyed) counts.sensorBit = bit;
    countActivityOf(pane, queue);
    countNotesOf(pane, queue);
    if (state.sensors.length > 1) noteSensor(state.hosts, queue, bit);
  }
}

function countActivityOf(pane: Pane, queue: PaneQueue): void {
  const { state, second, windows } = pane;
  const { activity } = queue;
  const sides = sidesOf(state, queue.sensor);
  const { conformance, events, payloadEntropy, originatorBytes, protocol, roles } = activity.columns;
  for (const rows of [ROWS.activity, ROWS.service, ROWS.icmp, ROWS.breach]) rows.clear();
  for (let i = queue.takeActivity(second); i >= 0; i = queue.nextActivity(i)) {
    countActivity(state, activity, i, second, windows);
    // Detectors of pairs live on how flows open and end, on what their payload looks like, and on much that is sent.
    const happened = events[i]! & (OPENED | FlowEvent.ended);
    if (roles[i]! & Role.originator) {
      if (happened & FlowEvent.ended || payloadEntropy[i] !== 0 || originatorBytes[i]! >= MUCH_SENT_BYTES)
        ROWS.activity.add(i);
      if (happened & OPENED && protocol[i] === Protocol.tcp) countSides(sides, activity, i);
      else if (protocol[i] === Protocol.udp) countDatagramSides(sides, activity, i);
      if (protocol[i] === Protocol.icmp || protocol[i] === Protocol.icmpv6) ROWS.icmp.add(i);
      if (conformance[i]! & TELLING_BREACHES) ROWS.breach.add(i);
    }
    if (happened !== 0 && roles[i]! & Role.responder) ROWS.service.add(i);
  }
  observeActivityOf(pane, activity);
}

/** Lets one detector after the other see its rows: each finds its code and its keys in the processor's caches then. */
function observeActivityOf({ state, host }: Pane, table: ActivityTable): void {
  const { activity, service, icmp, breach } = observersOf(state.keyed);
  for (const detector of activity) showRows(detector, detector.observeActivity, ROWS.activity, table, host);
  for (const detector of icmp) showRows(detector, detector.observeIcmp, ROWS.icmp, table, host);
  for (const detector of breach) showRows(detector, detector.observeBreach, ROWS.breach, table, host);
  for (const detector of service) showRows(detector, detector.observeService, ROWS.service, table, host);
}

type Observe<Table> = (table: Table, i: number, host: HostConfig) => void;

// The hook is looked up once for all rows: detectors are of dozens of classes, among which V8 has to search each time.
function showRows<Table>(
  detector: KeyedDetector,
  observe: Observe<Table>,
  { rows, count }: RowList,
  table: Table,
  host: HostConfig,
): void {
  for (let k = 0; k < count; k++) observe.call(detector, table, rows[k]!, host);
}

function countNotesOf(pane: Pane, queue: PaneQueue): void {
  const { state, second, host } = pane;
  const { noteKind } = queue.notes.columns;
  const { note } = observersOf(state.keyed);
  for (const rows of NOTES) rows.clear();
  for (let i = queue.takeNotes(second); i >= 0; i = queue.nextNote(i)) {
    if (noteKind[i] === NoteKind.arpRequest) countArpRequest(pane, queue, i);
    NOTES[noteKind[i]!]?.add(i);
  }
  for (let kind = 0; kind < NOTES.length; kind++) {
    const rows = NOTES[kind]!;
    if (rows.count === 0) continue;
    for (const detector of note[kind]!) showRows(detector, detector.observeNote, rows, queue.notes, host);
  }
}

function countArpRequest({ state, second }: Pane, queue: PaneQueue, i: number): void {
  const { hosts, sets } = state;
  const c = queue.notes.columns;
  // A probe for an own address (RFC 5227) has no sender; an announcement asks for itself.
  const client = c.clientAddress.words;
  if (client[i * 4 + 3] === 0 || c.noteValue[i] === 1) return;
  const row = hosts.touch(client, i * 4, hashAddress(client, i * 4), second);
  if (row < 0) return;
  const block = hosts.enter(row, second);
  hosts.blocks[block + FIELD.arpRequestsOut]! += 1;
  noteArpTime(hosts.blocks, block, c.timeUs[i]!);
  const handle = hosts.setsAt(row, 0) + SET.arpTargets;
  const target = hashBytes(c.serverAddress.bytes, i * 16, i * 16 + 16);
  hosts.setHandles[handle] = sets.add(hosts.setHandles[handle]!, target);
}

function noteArpTime(blocks: Float64Array, block: number, timeUs: number): void {
  const first = blocks[block + FIELD.firstArpUs]!;
  if (first === 0 || timeUs < first) blocks[block + FIELD.firstArpUs] = timeUs;
  if (timeUs > blocks[block + FIELD.lastArpUs]!) blocks[block + FIELD.lastArpUs] = timeUs;
}

/** Notes the sensor of a queue with both hosts of the rows that were taken last, and with the askers of the notes. */
function noteSensor(hosts: HostTable, queue: PaneQueue, bit: number): void {
  const { originatorAddress, responderAddress, roles } = queue.activity.columns;
  for (let i = queue.takenActivity; i >= 0; i = queue.nextActivity(i)) {
    if (roles[i]! & Role.originator) hosts.noteSensor(originatorAddress.words, i * 4, bit);
    if (roles[i]! & Role.responder) hosts.noteSensor(responderAddress.words, i * 4, bit);
  }
  const client = queue.notes.columns.clientAddress.words;
  for (let i = queue.takenNotes; i >= 0; i = queue.nextNote(i)) hosts.noteSensor(client, i * 4, bit);
}
