import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

/** Set by Kafka's own image, not by who runs the cluster. */
const OWN = new Set(['KAFKA_CLUSTER_ID']);

/** Variables of a Compose file, with what holds when they are not set. */
function variablesOf(compose: string): Map<string, string> {
  const found = compose.matchAll(/\$\{(?<name>[A-Z_]+):-(?<fallback>[^}]*)\}/g);
  return new Map([...found].map(({ groups }) => [groups!.name!, groups!.fallback!]));
}

describe('.env.example', () => {
  const variables = variablesOf(read('docker-compose.yml'));
  const examples = new Map(
    [...read('.env.example').matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
  );

  it('names every variable of docker-compose.yml, and no other', () => {
    const names = [...variables.keys()].filter((name) => !OWN.has(name));
    expect([...examples.keys()].sort()).toEqual(names.sort());
  });

  it('shows what holds when nothing is set', () => {
    for (const [name, fallback] of variables)
      if (fallback !== '') expect(examples.get(name) ?? fallback, name).toBe(fallback);
  });
});
