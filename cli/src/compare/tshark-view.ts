import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { plainTsharkName } from './dns-name.js';
import { type FieldValues, type Innermost, LayerWalk, TSHARK_FIELDS, type TsharkField } from './tshark-layers.js';
import type { TsharkPacket } from './views.js';

/** Between the values of one field: a character that no name is printed with. */
const AGGREGATOR = '\x1f';
/**
 * Fragments stay packets of their own, as a conversation counts packets. Everything else is tshark's default, without the
 * user's own settings.
 */
const ARGUMENTS = [
  ...['-n', '--enable-protocol', 'communityid', '-o', 'ip.defragment:FALSE', '-o', 'ipv6.defragment:FALSE'],
  ...['-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a', '-E', `aggregator=${AGGREGATOR}`],
  ...TSHARK_FIELDS.flatMap((field) => ['-e', field]),
];

/** First line of what tshark says of itself, or undefined where it is not installed. */
export function tsharkVersion(): string | undefined {
  const { status, stdout } = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

/** Has tshark dissect a capture file. Rejects when it cannot be started or read the file. */
export async function readWithTshark(path: string): Promise<TsharkPacket[]> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-compare-'));
  try {
    return await collectPackets(path, { ...process.env, WIRESHARK_CONFIG_DIR: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function collectPackets(path: string, env: NodeJS.ProcessEnv): Promise<TsharkPacket[]> {
  const tshark = spawn('tshark', [...ARGUMENTS, '-r', path], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  tshark.stderr.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(-2000);
  });
  const ended = new Promise<number | null>((resolve, reject) => tshark.on('error', reject).on('close', resolve));
  const packets: TsharkPacket[] = [];
  const fragments = new Map<string, string>();
  for await (const line of createInterface({ input: tshark.stdout })) packets.push(packetOf(line, fragments));
  const status = await ended;
  // tshark reports a file that ends inside a packet as a failure, after all packets before.
  if (status !== 0 && packets.length === 0) throw new Error(`tshark cannot read ${path}: ${complaint.trim()}`);
  return packets;
}

/** One line of tshark's columns as a packet. `fragments` remembers the conversations of first fragments. */
export function packetOf(line: string, fragments: Map<string, string>): TsharkPacket {
  const columns = line.split('\t');
  const values: FieldValues = (field) => splitValues(columns[COLUMN.get(field)!]);
  const layers = values('frame.protocols')[0]?.split(':') ?? [];
  const innermost = new LayerWalk(values).follow(layers);
  const lengthBytes = Number(values('frame.len')[0]);
  return {
    conversation: joinFragments(innermost, fragments),
    lengthBytes,
    communityId: values('communityid')[0],
    names: dnsNames(values),
    hasUnlistedRecord: values('dns.resp.name').length < recordCount(values),
    layers,
    isLaterFragment: innermost.laterFragmentOf !== undefined,
    isCut: Number(values('frame.cap_len')[0]) < lengthBytes,
    isRepeated: values('tcp.analysis.retransmission').length + values('tcp.analysis.out_of_order').length > 0,
    isStream: isStream(values),
  };
}

const COLUMN = new Map<TsharkField, number>(TSHARK_FIELDS.map((field, column) => [field, column]));

function splitValues(text = ''): string[] {
  return text === '' ? [] : text.split(AGGREGATOR);
}

/** Later fragments have no ports: they belong to the conversation of their first, where it came before. */
function joinFragments({ conversation, laterFragmentOf, firstFragmentOf }: Innermost, fragments: Map<string, string>) {
  if (firstFragmentOf !== undefined && conversation !== undefined) fragments.set(firstFragmentOf, conversation);
  return (laterFragmentOf !== undefined && fragments.get(laterFragmentOf)) || conversation;
}

function isStream(values: FieldValues): boolean {
  const messages = values('dns.length');
  if (messages.length === 0) return false;
  return messages.length > 1 || values('tcp.segment.count').length > 0 || wholeBytes(messages) !== tcpBytes(values);
}

function wholeBytes(messages: readonly string[]): number {
  return messages.reduce((sum, bytes) => sum + Number(bytes) + 2, 0);
}

function tcpBytes(values: FieldValues): number {
  return Number(values('tcp.len').at(-1) ?? 0);
}

/** Every question; of a message without one the name of its first record. */
function dnsNames(values: FieldValues): string[] {
  const questions = values('dns.qry.name');
  const records = values('dns.resp.name');
  const names: string[] = [];
  let [question, record] = [0, 0];
  values('dns.count.queries').forEach((count, message) => {
    const recordCount = RECORD_COUNTS.reduce((sum, field) => sum + Number(values(field)[message] ?? 0), 0);
    if (Number(count) > 0) names.push(...questions.slice(question, question + Number(count)));
    else if (record < records.length) names.push(records[record]!);
    else names.push('');
    question += Number(count);
    record += recordCount;
  });
  return names.map(plainTsharkName);
}

function recordCount(values: FieldValues): number {
  return RECORD_COUNTS.flatMap(values).reduce((sum, count) => sum + Number(count), 0);
}

const RECORD_COUNTS = ['dns.count.answers', 'dns.count.auth_rr', 'dns.count.add_rr'] as const;
