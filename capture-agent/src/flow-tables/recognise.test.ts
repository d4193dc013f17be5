import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRows } from './read-rows.fixture.js';
import { isFlowTable } from './recognise.js';

const GENERIC = 'src_ip,dst_ip,src_port,dst_port,protocol\n10.0.0.1,10.0.0.2,1,2,tcp\n';
const PCAP = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-recognise-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function recognise(name: string, content: string | Uint8Array): Promise<boolean> {
  const path = join(folder, name);
  writeFileSync(path, content);
  return isFlowTable(path);
}

describe('a flow table is recognised', () => {
  it.each(['flows.csv', 'flows.CSV.gz', 'flows.tsv', 'flows.jsonl'])('by the name %s', async (name) => {
    expect(await isFlowTable(join(folder, name))).toBe(true);
  });

  it.each<[string, string | Uint8Array]>([
    ['a header', GENERIC],
    ['a header, compressed', gzipSync(GENERIC)],
    ['a byte order mark', `\ufeff${GENERIC}`],
    ['a Zeek log', '#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\n'],
    ['JSON lines', '{"id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","id.orig_p":1,"id.resp_p":2,"proto":"tcp"}\n'],
    ['a table that lacks columns', 'src_ip,dst_ip,bytes\n'],
  ])('by %s', async (_, content) => {
    expect(await recognise('unnamed', content)).toBe(true);
  });

  it.each<[string, string | Uint8Array]>([
    ['a capture', PCAP],
    ['a compressed capture', gzipSync(PCAP)],
    ['prose', 'Dear reader,\nthis is a letter.\n'],
    ['nothing', ''],
    ['damaged gzip', Uint8Array.of(0x1f, 0x8b, 1, 2, 3)],
    ['junk', Uint8Array.from({ length: 300 }, (_, i) => (i * 37) & 255)],
  ])('and %s is not taken for one', async (_, content) => {
    expect(await recognise('unnamed', content)).toBe(false);
  });

  it('on standard input, of which nothing is lost', async () => {
    const standardInput = Readable.from([Buffer.from(GENERIC.slice(0, 60)), Buffer.from(GENERIC.slice(60))]);
    expect(await isFlowTable('-', { standardInput })).toBe(true);
    expect((await readRows('', { standardInput })).rows).toHaveLength(1);
  });

  it('not on standard input that ends, fails or is stopped before it says anything', async () => {
    expect(await isFlowTable('-', { standardInput: Readable.from([]) })).toBe(false);
    const failing = new PassThrough();
    const failed = isFlowTable('-', { standardInput: failing });
    failing.destroy(new Error('gone'));
    expect(await failed).toBe(false);
    const stop = new AbortController();
    const stopped = isFlowTable('-', { standardInput: new PassThrough(), stop: stop.signal });
    stop.abort();
    expect(await stopped).toBe(false);
  });
});
