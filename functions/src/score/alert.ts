import { createHash } from 'node:crypto';
import {
  type Alert,
  communityId,
  type Evidence,
  FEATURE_LISTS,
  formatAddress,
  formatEndpoint,
  type Severity,
} from '@weir/contracts';
import type { FeatureRows } from '../features/feature-rows.js';
import { scoreOf } from '../features/log-scale.js';
import { type Explanation, mediansOf } from './explain.js';
import type { Selection } from './selection.js';
import type { Finding } from './transition.js';

/** What all alerts of a run share. */
export interface AlertContext {
  readonly allowedLatenessMs: number;
  /** In order of their names. */
  readonly sensors: readonly string[];
}

const ADVICE = [
  'Compare the values named with what this host usually does, and ask its owner what ran at that time.',
  'If it is expected, suppress it for this host; if it comes back for many, train on this network (weir train).',
];

/** The alert that a finding makes, with why. */
export function anomalyAlert(
  { selection, rows, context }: { selection: Selection; rows: FeatureRows; context: AlertContext },
  finding: Finding,
  explanation: Explanation,
): Alert {
  const { timeUs, startUs, tellableS, source, destination } = rows.keys.columns;
  const { row, magnitude } = finding;
  const isFlow = selection.list !== 'host-window';
  const entity = formatAddress(source.bytes, row * 16);
  const target = isFlow ? formatAddress(destination.bytes, row * 16) : undefined;
  const detector = `model/${selection.id}`;
  const about = `${detector}|${entity}|${target}|${endpoints(rows, row)}|${timeUs[row]}`;
  return {
    id: createHash('sha256').update(about).digest('hex').slice(0, 16),
    detector,
    kind: 'anomaly',
    entity,
    severity: severityOf(magnitude, finding.isLearning),
    confidence: finding.isLearning ? 0.3 : 0.5,
    score: scoreOf(magnitude),
    magnitude,
    startMs: Math.floor(startUs[row]! / 1000),
    endMs: Math.floor(timeUs[row]! / 1000),
    detectedAtMs: tellableS[row]! * 1000 + context.allowedLatenessMs,
    sources: [entity],
    targets: target === undefined ? [] : [target],
    sensors: [...context.sensors],
    title: target
      ? `Unusual flow from ${entity} to ${formatEndpoint(target, rows.keys.columns.destinationPort[row]!)}`
      : `Unusual behaviour of ${entity}`,
    summary: summaryOf(selection, finding),
    evidence: evidenceOf(selection, { finding, explanation, features: finding.features }),
    counterfactual: counterfactualOf(explanation),
    flows: isFlow ? [flowOf(rows, row)] : [],
    techniques: [],
    advice: ADVICE,
    blindness: { packetsDropped: 0, packetsLate: 0, flowsEvicted: 0, degraded: false },
  };
}

function severityOf(magnitude: number, isLearning: boolean): Severity {
  if (isLearning) return 'low';
  return magnitude >= 100 ? 'high' : magnitude >= 10 ? 'medium' : 'low';
}

/** One benign row in so many is as strange. */
function oneIn(strangeness: number): string {
  return Number((10 ** strangeness).toPrecision(2)).toLocaleString('en-US');
}

function summaryOf({ id, list }: Selection, { strangeness, threshold, isLearning }: Finding): string {
  const what = list === 'host-window' ? 'window' : 'flow';
  const rarity = `By the model ${id} one benign ${what} in ${oneIn(strangeness)} is as strange; alarms begin at one in ${oneIn(threshold)}.`;
  const source = isLearning
    ? 'Weir is still learning what is normal here, and compares with the traffic that the model was trained on.'
    : 'It is compared with what is normal in this network.';
  return `${rarity} ${source}`;
}

function evidenceOf(
  selection: Selection,
  said: { finding: Finding; explanation: Explanation; features: Float32Array },
): Evidence[] {
  const { finding, explanation, features } = said;
  const list = FEATURE_LISTS[selection.list];
  const medians = mediansOf(selection);
  const rarity: Evidence = {
    measure: 'Rarity: benign rows for one as strange',
    unit: 'row',
    value: Math.round(10 ** finding.strangeness),
    threshold: Math.round(10 ** finding.threshold),
  };
  const told = explanation.contributions.filter(({ feature }) => !Number.isNaN(features[feature]));
  return [
    rarity,
    ...told.map(({ feature, share }) => ({
      measure: `${inWords(list[feature]!.name)} (${Math.round(share * 100)} % of the score)`,
      unit: list[feature]!.unit,
      value: Number(features[feature]!.toPrecision(4)),
      normal: Number(medians[feature]!.toPrecision(4)),
    })),
  ];
}

function counterfactualOf({ contributions, wouldBeNormalWith }: Explanation): string {
  const names = (groups: readonly string[]) => groups.map(inWords).join(', ').toLowerCase();
  if (wouldBeNormalWith.length > 0) return `With the usual ${names(wouldBeNormalWith)} it would be normal.`;
  if (contributions.length === 0) return 'No single group of features makes it strange; only all together do.';
  const groups = contributions.map(({ group }) => group);
  return `Even with the usual ${names(groups)} it would be unusual; more than these would have to differ.`;
}

/** `originatorPayloadBytes` as `Originator payload bytes`. */
function inWords(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z0-9])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function endpoints({ keys: { columns } }: FeatureRows, row: number): string {
  return `${columns.sourcePort[row]}|${columns.destinationPort[row]}|${columns.protocol[row]}`;
}

function flowOf({ keys: { columns } }: FeatureRows, row: number): Alert['flows'][number] {
  const source = columns.source.bytes.subarray(row * 16, row * 16 + 16);
  const destination = columns.destination.bytes.subarray(row * 16, row * 16 + 16);
  const [sourcePort, destinationPort] = [columns.sourcePort[row]!, columns.destinationPort[row]!];
  const protocol = columns.protocol[row]!;
  return {
    communityId: communityId({ source, destination, sourcePort, destinationPort, protocol }),
    originator: formatEndpoint(formatAddress(source), sourcePort),
    responder: formatEndpoint(formatAddress(destination), destinationPort),
    protocol,
  };
}
