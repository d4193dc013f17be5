import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../cli/dist/bundle/', import.meta.url));
const NAMED_FILE = /new URL\("(\.\.?\/[^"]+)", import\.meta\.url\)/g;

/** Files and folders that the bundle's modules name by their place, as absolute paths. */
function namedPlaces(): string[] {
  return readdirSync(FOLDER).flatMap((name) =>
    [...readFileSync(join(FOLDER, name), 'utf8').matchAll(NAMED_FILE)].map(([, path]) => join(FOLDER, path!)),
  );
}

describe.runIf(existsSync(FOLDER))('the bundle', () => {
  it('finds the files that its modules name, from where it lies', () => {
    const places = namedPlaces();
    expect(places.some((path) => path.endsWith('flow-core.wasm'))).toBe(true);
    // The page is built by another step.
    expect(places.filter((path) => !path.includes('web') && !existsSync(path))).toEqual([]);
  });

  it('holds the programs that the command starts beside itself', () => {
    expect(readdirSync(FOLDER)).toEqual(expect.arrayContaining(['main.js', 'stage-process.js', 'work-process.js']));
  });
});
