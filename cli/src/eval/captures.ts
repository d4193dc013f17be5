import { join } from 'node:path';
import { createCaptureFileSource } from '@weir/capture-agent';
import { type Incident, SEVERITIES } from '@weir/contracts';
import type { DetectionConfig } from '@weir/functions';
import { UsageError } from '../errors.js';
import { readInput } from '../input-text.js';
import { isBenign, rightKinds } from './categories.js';
import type { Change } from './changes.js';
import { csvRows } from './csv-rows.js';
import { detectInCapture } from './detect.js';

/** One row of a manifest of captures. */
export interface ManifestRow {
  readonly category: string;
  readonly label: string;
  /** Path below the folder of the data. */
  readonly file: string;
  /** What is known about it. */
  readonly note: string;
}

/** What a capture gave, and whether that was right. */
export interface CaptureResult extends ManifestRow {
  readonly packets: number;
  /** Kinds of incident above `info`, in order of the alphabet, with the severity of each kind's worst. */
  readonly told: readonly { readonly kind: string; readonly severity: string; readonly title: string }[];
  /** An attack: an incident of a right kind. A benign one: nothing above `low`. */
  readonly isRight: boolean;
}

/** The rows of a manifest: CSV with the columns `category`, `label` and `file`. Throws a UsageError. */
export function readManifest(path: string): ManifestRow[] {
  const rows = csvRows(readInput(path));
  const missing = ['category', 'label', 'file'].filter((name) => rows[0]?.[name] === undefined);
  if (missing.length > 0)
    throw new UsageError(`${path} has no column ${missing.join(', ')}. A manifest needs category, label and file.`);
  return rows.map(({ category, label, file, note }) => ({
    category: category!,
    label: label!,
    file: file!,
    note: note ?? '',
  }));
}

/** Where and how captures are evaluated. */
export interface CaptureRun {
  /** Folder that the manifest's files are below. */
  readonly root: string;
  readonly config: DetectionConfig;
  /** What is done to each capture first; default nothing. */
  readonly change?: Change;
  readonly stop: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** Runs detection over every capture of a manifest, one after the other, until stopped. */
export async function evaluateCaptures(rows: readonly ManifestRow[], run: CaptureRun): Promise<CaptureResult[]> {
  const results: CaptureResult[] = [];
  for (const row of rows) {
    if (run.stop.aborted) break;
    const captured = createCaptureFileSource({ path: join(run.root, row.file) });
    const source = run.change?.of(captured) ?? captured;
    const { packets, incidents } = await detectInCapture(source, run.config, run.stop);
    results.push(judge(row, packets, incidents));
    run.onProgress?.(results.length);
  }
  return results;
}

const LOW = SEVERITIES.indexOf('low');

/** Whether what was told of a capture is right. */
export function judge(row: ManifestRow, packets: number, incidents: readonly Incident[]): CaptureResult {
  const told = incidents.filter(({ severity }) => SEVERITIES.indexOf(severity) >= LOW);
  const right = rightKinds(row.category);
  const isRight = isBenign(row.category)
    ? told.every(({ severity }) => SEVERITIES.indexOf(severity) <= LOW)
    : told.some(({ kind }) => right.includes(kind));
  return { ...row, packets, told: worstByKind(told), isRight };
}

function worstByKind(incidents: readonly Incident[]): CaptureResult['told'] {
  const worst = new Map<string, Incident>();
  for (const incident of incidents) {
    const known = worst.get(incident.kind);
    if (!known || SEVERITIES.indexOf(incident.severity) > SEVERITIES.indexOf(known.severity))
      worst.set(incident.kind, incident);
  }
  return [...worst.values()]
    .map(({ kind, severity, title }) => ({ kind, severity, title }))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1));
}
