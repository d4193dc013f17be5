import { describe, expect, it } from 'vitest';
import { COMMANDS } from './commands/index.js';
import { createMemoryIo } from './memory-io.js';
import { parseLine } from './options/parse.js';
import { run } from './run.js';

async function weir(...argv: string[]) {
  const io = createMemoryIo({ columns: 80 });
  const code = await run(argv, io);
  return { code, ...io.written };
}

const load = (name: string) => COMMANDS.find((entry) => entry.name === name)!.load();

describe('weir', () => {
  it('lists every command when nothing is asked', async () => {
    const { code, stdout, stderr } = await weir();
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'));
  });

  it.each(COMMANDS.map(({ name }) => name))('explains %s with all options and examples that parse', async (name) => {
    const { code, stdout } = await weir('help', name);
    const command = await load(name);
    expect(code).toBe(0);
    for (const [option, { type }] of Object.entries(command.options)) {
      expect(stdout).toMatch(new RegExp(`--(no-)?${option}${type === 'flag' ? '\\b' : ' '}`));
    }
    for (const { line } of command.examples) {
      const words = (line.match(/weir ([^|]*)/g) ?? []).map((call) => call.trim().split(/\s+/).slice(1));
      for (const [called, ...args] of words) {
        const { options } = await load(called!);
        expect(() => parseLine(options, args)).not.toThrow();
      }
    }
  });

  it('keeps help within the width of the terminal', async () => {
    for (const { name } of COMMANDS) {
      const { stdout } = await weir('help', name);
      const prose = stdout.split('\n').filter((line) => !line.startsWith('  weir ') && !line.startsWith('weir '));
      expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(80);
    }
  });

  it('puts options that are for one kind of input only under a heading of their own', async () => {
    const { stdout } = await weir('help', 'start');
    const [, live = ''] = stdout.split('\nLive capture:\n');
    expect(live.split('\n\n')[0]).toMatch(/--interface NAME +Capture from this interface/);
    expect(stdout).toMatch(/\nDashboard:\n {2}--listen HOST:PORT/);
    expect(stdout).not.toContain('Live:');
  });

  it('shows the same page for help COMMAND and COMMAND --help', async () => {
    expect((await weir('analyze', '--help')).stdout).toBe((await weir('help', 'analyze')).stdout);
  });

  it('prints its version', async () => {
    expect((await weir('--version')).stdout).toMatch(/^weir \d+\.\d+\.\d+ \(Node\.js \d+/);
  });

  it.each([
    [['anlyze'], 'unknown command "anlyze". Did you mean analyze?'],
    [['help', 'bnech'], 'Did you mean bench?'],
    [['analyze', '--sped', '1x'], 'unknown option --sped. Did you mean --speed?'],
    [['analyze', 'a', 'b'], 'weir analyze does not know what to do with "b".'],
    [['analyze', 'a', '--speed', 'fast'], '--speed cannot be "fast".'],
    [['analyze', 'a', '--interface', 'eth0'], 'both a file ("a") and --interface'],
    [['analyze', '--interface', 'eth0', '--speed', '1x'], '--speed is for files'],
    [['analyze', 'a', '--filter', 'tcp'], '--filter needs a live source'],
    [['analyze', 'a', '--sensor', 'Not Good'], '--sensor cannot be "Not Good"'],
    [['analyze', 'no-such-file.pcap'], 'no-such-file.pcap'],
    [['analyze', '--config', 'no-such.json'], 'cannot read "no-such.json": no such file.'],
    [['agent'], 'no input.'],
    [['agent', '--kafka', 'broker:9092'], 'no input.'],
    [['traffic'], 'no kind of traffic given.'],
    [['traffic', 'prot-scan'], 'Did you mean port-scan?'],
    [['traffic', 'foo'], 'unknown kind of traffic "foo". Such as port-scan; weir traffic --list'],
    [['traffic', 'port-scan'], 'nowhere to write.'],
    [['control', 'capture-stop', '--kafka', 'localhost:1'], 'capture-stop needs --sensor NAME.'],
    [['control', 'suppress', '--id', 'a', '--reason', 'b'], 'suppress needs --until TIME.'],
    [['bench', 'no-such-file.pcap'], 'no such file'],
    [['traffic', 'port-scan', '--send', 'nowhere'], '--send cannot be "nowhere"'],
    [['traffic', 'port-scan', '--send', '192.0.2.1:80'], '192.0.2.1'],
  ])('answers %j with exit code 2 and what to do', async (argv, message) => {
    const { code, stdout, stderr } = await weir(...argv);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('lists interfaces as JSON for other programs', async () => {
    const { code, stdout } = await weir('interfaces', '--json');
    expect(code).toBe(0);
    for (const line of stdout.trimEnd().split('\n').filter(Boolean)) expect(JSON.parse(line)).toHaveProperty('name');
  });
});
