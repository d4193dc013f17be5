import { describe, expect, it } from 'vitest';
import {
  type Alert,
  ContractError,
  type Incident,
  parseAlert,
  parseFlowSummary,
  parseIncident,
  parseSensorHealth,
  parseTrafficWindow,
} from './index.js';

const argument = {
  kind: 'port-scan', severity: 'medium', confidence: 0.9, score: 0.5, startMs: 1, endMs: 2, detectedAtMs: 3,
  sources: ['192.0.2.1'], targets: ['198.51.100.1'], title: 'Scan', summary: 'One host tried many ports.',
  evidence: [{ measure: 'ports tried', unit: '1', value: 200, threshold: 50 }],
  counterfactual: 'Fewer than 50 ports.', flows: [], techniques: [{ id: 'T1046', name: 'Network Service Discovery' }],
  advice: ['Ask its owner.'],
  blindness: { packetsDropped: 0, packetsLate: 0, flowsEvicted: 0, degraded: false },
} as const; // biome-ignore format: data
const alert = { ...argument, id: 'a', detector: 'port-scan', entity: '192.0.2.1', magnitude: 4, sensors: ['office'] };
const incident = {
  ...argument,
  id: 'i',
  state: 'open',
  revision: 0,
  entity: '192.0.2.1',
  alerts: 1,
  sensors: ['office'],
  magnitude: 4,
};

describe('a message at the door', () => {
  it('that fits comes in as it is', () => {
    const checkedAlert: Alert = parseAlert(JSON.stringify(alert));
    const checkedIncident: Incident = parseIncident(JSON.stringify(incident));
    expect(checkedAlert).toEqual(alert);
    expect(checkedIncident).toEqual(incident);
  });

  it('with fields of a newer version still comes in', () => {
    expect(() => parseIncident(JSON.stringify({ ...incident, newer: 1 }))).not.toThrow();
  });

  it.each([
    [
      'a wrong type',
      { ...incident, evidence: [{ measure: 'ports', unit: '1', value: 'many' }] },
      /evidence\/0\/value: expected number, found "many"/,
    ],
    ['an unknown kind', { ...incident, kind: 'gremlins' }, /kind: .*found "gremlins"/],
    ['a share above 1', { ...incident, confidence: 7 }, /confidence: .*found 7/],
    ['a field missing', { ...incident, title: undefined }, /title: .*found nothing/],
    ['a list instead of an object', [], /found a list/],
  ])('with %s is refused with the field and what was found', (_, message, expected) => {
    expect(() => parseIncident(JSON.stringify(message))).toThrow(expected);
    expect(() => parseIncident(JSON.stringify(message))).toThrow(ContractError);
  });

  it('that breaks many rules tells the first three', () => {
    expect(() => parseAlert('{}')).toThrow(/^not a valid Alert: ([^;]+;){2}[^;]+$/);
  });

  it('that is no JSON is refused as such', () => {
    expect(() => parseIncident('{"id": ')).toThrow(/not a valid Incident: .*JSON/);
    expect(() => parseIncident('')).toThrow(ContractError);
  });

  it('of each kind has its parser', () => {
    for (const parse of [parseAlert, parseFlowSummary, parseIncident, parseSensorHealth, parseTrafficWindow]) {
      expect(() => parse('{}')).toThrow(/not a valid/);
    }
  });
});
