import { readFileSync } from 'node:fs';
import { TOPIC_PLANS } from '@weir/capture-agent';
import { StatefunEgress, StatefunFunction, StatefunIngress, StatefunType, Topic } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

/** One component of the module specification. */
interface Component {
  kind: string;
  spec: Record<string, unknown> & { id?: string; properties?: Record<string, string>[] };
}

const text = readFileSync(new URL('../flink/module.yaml', import.meta.url), 'utf8');
const components = parseAllDocuments(text).map((document) => document.toJS() as Component);

function component(kind: string, id?: string): Component['spec'] {
  const found = components.filter((one) => one.kind === kind && (id === undefined || one.spec.id === id));
  expect(found.length, `${kind} ${id ?? ''}`).toBe(1);
  return found[0]!.spec;
}

/** The Kafka settings of a component. */
function propertiesOf({ properties = [] }: Component['spec']): Record<string, string> {
  return Object.assign({}, ...properties);
}

describe('the module specification', () => {
  it('has an endpoint, an ingress a topic that functions read, and the egress', () => {
    expect(components.map(({ kind }) => kind).sort()).toEqual([
      'io.statefun.endpoints.v2/http',
      'io.statefun.kafka.v1/egress',
      'io.statefun.kafka.v1/ingress',
      'io.statefun.kafka.v1/ingress',
    ]);
  });

  it('sends each function of the contracts to the endpoint', () => {
    const { functions } = component('io.statefun.endpoints.v2/http');
    expect(functions).toBe('weir/*');
    for (const name of Object.values(StatefunFunction)) expect(name).toMatch(/^weir\/[a-z]+$/);
  });

  it.each([
    [StatefunIngress.packets, Topic.packets, StatefunType.packetBatch, StatefunFunction.flow],
    [StatefunIngress.controls, Topic.controls, StatefunType.control, StatefunFunction.control],
  ])('reads %s from topic %s as %s for %s', (id, topic, valueType, target) => {
    const ingress = component('io.statefun.kafka.v1/ingress', id);
    expect(ingress.topics).toEqual([{ topic, valueType, targets: [target] }]);
  });

  it('gives every record a key and a value, as the ingress fails the job without', () => {
    for (const id of Object.values(StatefunIngress))
      expect(propertiesOf(component('io.statefun.kafka.v1/ingress', id))['interceptor.classes']).toBe(
        'weir.flink.RoutableRecords',
      );
  });

  it('has the egress that functions write to', () => {
    expect(component('io.statefun.kafka.v1/egress').id).toBe(StatefunEgress.out);
  });

  it('lets out the longest message that any topic takes', () => {
    const longest = Math.max(...TOPIC_PLANS.map(({ settings }) => Number(settings['max.message.bytes'] ?? 0)));
    const properties = propertiesOf(component('io.statefun.kafka.v1/egress'));
    expect(Number(properties['max.request.size'])).toBeGreaterThanOrEqual(longest);
  });

  it('has the fields that are filled in from the environment where these are looked for', () => {
    expect(text.match(/^ {2}address: \S+$/gm)?.length).toBe(3);
    expect(text.match(/^ {2}urlPathTemplate: \S+$/gm)?.length).toBe(1);
    expect(text.match(/^ {2}properties:$/gm)?.length).toBe(3);
  });
});
