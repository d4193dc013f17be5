import { describe, expect, it } from 'vitest';
import type { OptionTable } from './declaration.js';
import { parseLine } from './parse.js';

const TABLE = {
  speed: { type: 'text', value: 'SPEED', description: 'pace' },
  level: { type: 'text', value: 'LEVEL', choices: ['low', 'high'], default: 'low', description: 'level' },
  batch: { type: 'integer', value: 'N', unit: 'packets', default: 100, minimum: 1, maximum: 1000, description: 'size' },
  rate: { type: 'number', value: 'N', description: 'pace' },
  json: { type: 'flag', description: 'json' },
  color: { type: 'flag', default: true, description: 'colour' },
} as const satisfies OptionTable;

const parse = (...args: string[]) => parseLine(TABLE, args);

describe('parseLine', () => {
  it('gives defaults where nothing is said', () => {
    expect(parse()).toEqual({
      options: { speed: undefined, level: 'low', batch: 100, rate: undefined, json: false, color: true },
      operands: [],
    });
  });

  it('reads values with = or a space, and operands anywhere', () => {
    const { options, operands } = parse('a.pcap', '--speed=10x', '--batch', '7', '--json', '-');
    expect(options).toMatchObject({ speed: '10x', batch: 7, json: true });
    expect(operands).toEqual(['a.pcap', '-']);
  });

  it('takes what follows -- as operands', () => {
    expect(parse('--', '--json').operands).toEqual(['--json']);
  });

  it('turns a flag off with no-', () => {
    expect(parse('--no-color').options.color).toBe(false);
  });

  it('names the nearest option for one it does not know', () => {
    expect(() => parse('--sped', '1x')).toThrow('unknown option --sped. Did you mean --speed?');
    expect(() => parse('--zzzzzzz')).toThrow(/unknown option --zzzzzzz. Known: --speed, --level/);
    expect(() => parse('-x')).toThrow(/unknown option -x/);
  });

  it('does not take names of object properties for options', () => {
    expect(() => parse('--constructor', 'x')).toThrow(/unknown option --constructor/);
    expect(() => parse('--no-constructor')).toThrow(/unknown option/);
  });

  it('says what a value may be when it cannot be used', () => {
    expect(() => parse('--batch', '0')).toThrow('--batch cannot be "0". Give a whole number from 1 to 1000 (packets).');
    expect(() => parse('--batch', '1.5')).toThrow(/whole number/);
    expect(() => parse('--batch', '')).toThrow(/whole number/);
    expect(() => parse('--rate', 'fast')).toThrow('--rate cannot be "fast". Give a number.');
    expect(() => parse('--level', 'hihg')).toThrow(
      '--level cannot be "hihg". Did you mean high? Choose from: low, high.',
    );
  });

  it('asks for a missing value instead of taking the next option for it', () => {
    expect(() => parse('--speed')).toThrow('--speed needs a value. Write --speed SPEED.');
    expect(() => parse('--speed', '--json')).toThrow('--speed needs a value. Write --speed SPEED.');
  });

  it('refuses a value for a flag', () => {
    expect(() => parse('--json=yes')).toThrow('--json takes no value, got "yes". Write just --json.');
  });
});
