import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryIo } from './memory-io.js';
import { run } from './run.js';

const CAPTURE = fileURLToPath(new URL('../../testdata/port-scan/capture.pcap.gz', import.meta.url));
const TRUTH = fileURLToPath(new URL('../../testdata/port-scan/truth.csv', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-refusals-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command line in which `@name` is a path in a folder that is empty at first. */
async function weir(line: string) {
  const io = createMemoryIo();
  const code = await run(
    line.split(' ').map((word) => (word.startsWith('@') ? join(folder, word.slice(1)) : word)),
    io,
  );
  return { code, ...io.written, made: readdirSync(folder) };
}

describe('a command whose input cannot be read', () => {
  it.each([
    ['start --dashboard --listen 127.0.0.1:0 --history @h.duckdb @none.pcap', 'none.pcap": no such file'],
    ['start --listen 127.0.0.1:0 --history @h.duckdb --interface none0', '"none0"'],
    ['start --listen 127.0.0.1:0 --history @h.duckdb --tls-cert @a.pem --tls-key @b.pem', 'a.pem"'],
    ['analyze --csv @a.csv --flows @f.csv --windows @w.jsonl --log-file @l.log @none.pcap', 'no such file'],
    ['analyze --csv @a.csv --interface none0', '"none0"'],
    ['analyze --csv @a.csv @none.csv', 'none.csv": no such file'],
    ['agent --out @batches --log-file @l.log @none.pcap', 'no such file'],
    ['agent --kafka 127.0.0.1:1 --log-file @l.log @none.pcap', 'no such file'],
    ['agent --kafka 127.0.0.1:1 --log-file @l.log --interface none0', '"none0"'],
    ['features @none.pcap', 'no such file'],
    [`features --out @rows.csv ${CAPTURE} @none.csv`, 'none.csv": no such file'],
    [`features --out @rows.csv --truth @none.csv ${CAPTURE}`, 'none.csv": no such file'],
    ['train --out @models @none.pcap', 'no such file'],
    ['eval --markdown @m.md --captures @none.csv', 'none.csv": no such file'],
    [`eval --markdown @m.md --truth ${TRUTH} --scenario @none.pcap`, 'none.pcap": no such file'],
    [`eval --markdown @m.md --truth @none.csv --scenario ${CAPTURE}`, 'none.csv": no such file'],
    [`eval --additions @none.json --truth ${TRUTH} --scenario ${CAPTURE}`, 'none.json": no such file'],
    [`eval --rules @none.yaml --truth ${TRUTH} --scenario ${CAPTURE}`, 'none.yaml: it cannot be read'],
    [`eval --markdown @none/m.md --truth ${TRUTH} --scenario ${CAPTURE}`, 'none/m.md": its folder does not exist'],
    ['traffic port-scan --out @a.pcap --truth @none/t.csv', 'none/t.csv": its folder does not exist'],
    ['traffic port-scan --out @a.pcap --technique none', 'none'],
    ['control thresholds --settings @none.json --kafka 127.0.0.1:1', 'none.json": no such file'],
    ['bench @none.pcap', 'no such file'],
    ['models compare flow-fusion flow-fusion @none.pcap', 'no such file'],
  ])('says so before it prints or writes anything: weir %s', async (line, message) => {
    const { code, stdout, stderr, made } = await weir(line);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^weir: /);
    expect([code, stdout, made]).toEqual([2, '', []]);
  });

  it.each([
    [`analyze --threshold 0.9 --csv @a.csv ${CAPTURE}`, '--threshold is for models'],
    [`analyze --learned @learned ${CAPTURE}`, '--learned is for models'],
    [`start --listen 127.0.0.1:0 ${CAPTURE}`, 'Add --dashboard, or leave --listen out.'],
    [`start --history @h.duckdb --text-only --dashboard ${CAPTURE}`, 'Leave out one of --dashboard and --text-only.'],
    [`agent --skip-bad-rows --out @batches ${CAPTURE}`, 'Add --kafka, or leave them out.'],
    [`agent --new-run ${CAPTURE}`, 'Add --kafka, or leave it out.'],
  ])('refuses options that would do nothing: weir %s', async (line, message) => {
    const { code, stdout, stderr, made } = await weir(line);
    expect(stderr).toContain(message);
    expect([code, stdout, made]).toEqual([2, '', []]);
  });

  it.each([
    ['analyze --csv @kept.pcap.gz @kept.pcap.gz', 'is the input and cannot be --csv too'],
    ['analyze --flows @link.csv @kept.pcap.gz', 'is the input and cannot be --flows too'],
    ['analyze --csv @kept.pcap.gz', 'is a capture, which --csv would overwrite'],
    ['analyze --csv @new.csv --flows @new.csv @kept.pcap.gz', 'is --csv and cannot be --flows too'],
    ['analyze --csv - @kept.pcap.gz', '--csv writes a file, not standard output'],
    ['features --out @kept.pcap.gz @kept.pcap.gz', 'is the input and cannot be --out too'],
    ['traffic port-scan --out @new.pcap --truth @new.pcap', 'is --out and cannot be --truth too'],
  ])('overwrites nothing that it reads or writes otherwise: weir %s', async (line, message) => {
    const kept = join(folder, 'kept.pcap.gz');
    copyFileSync(CAPTURE, kept);
    symlinkSync(kept, join(folder, 'link.csv'));
    const { code, stdout, stderr, made } = await weir(line);
    expect(stderr).toContain(message);
    expect([code, stdout, made]).toEqual([2, '', ['kept.pcap.gz', 'link.csv']]);
    expect(readFileSync(kept).equals(readFileSync(CAPTURE))).toBe(true);
  });

  it('leaves the results of an earlier run alone', async () => {
    const kept = join(folder, 'kept.csv');
    for (const line of ['analyze --csv @kept.csv @none.pcap', 'features --out @kept.csv @none.pcap']) {
      writeFileSync(kept, 'found last time\n');
      expect((await weir(line)).code).toBe(2);
      expect(readFileSync(kept, 'utf8')).toBe('found last time\n');
    }
  });

  it('says that it was stopped, where a training was', async () => {
    const io = createMemoryIo({ stop: AbortSignal.abort() });
    expect(await run(['train', CAPTURE, '--out', folder], io)).toBe(2);
    expect(io.written.stderr).toBe('weir: stopped before the training began: no model was written.\n');
  });

  it('is told of captures in a manifest before any is read', async () => {
    const manifest = join(folder, 'manifest.csv');
    writeFileSync(manifest, `category,label,file\nscan,a,${'capture.pcap.gz'}\nscan,b,none.pcap\n`);
    const root = fileURLToPath(new URL('../../testdata/port-scan', import.meta.url));
    const { code, stdout, stderr } = await weir(`eval --captures @manifest.csv --root ${root}`);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('none.pcap": no such file');
  });
});
