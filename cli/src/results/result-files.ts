import type { FlowRecordTable, Incident, TrafficWindow } from '@weir/contracts';
import { FlowFormatter, formatOf } from './flow-file.js';
import { incidentCsvHeader, incidentCsvLine } from './incident-file.js';
import { ResultFile } from './result-file.js';
import { refuseCaptures, refuseSameFile } from './separate-files.js';

/** Paths of the files asked for. */
export interface ResultPaths {
  readonly csv?: string | undefined;
  readonly flows?: string | undefined;
  readonly windows?: string | undefined;
  /** Not written here, and none of them. */
  readonly 'log-file'?: string | undefined;
}

/** The files that a run writes besides what it prints. All are opened at once. Throws a UsageError for a wrong path. */
export class ResultFiles {
  private readonly csv: ResultFile | undefined;
  private readonly flows: ResultFile | undefined;
  private readonly windows: ResultFile | undefined;
  private readonly flowFormatter: FlowFormatter;

  /** `input`: the file that is read, if it is one. */
  constructor({ csv, flows, windows, 'log-file': log }: ResultPaths, input: string) {
    const results = { '--csv': csv, '--flows': flows, '--windows': windows };
    refuseSameFile([input], { '--log-file': log, ...results });
    refuseCaptures(results);
    this.csv = openIf(csv, '--csv');
    this.flows = openIf(flows, '--flows');
    this.windows = openIf(windows, '--windows');
    this.flowFormatter = new FlowFormatter(formatOf(flows ?? ''));
    this.csv?.write(incidentCsvHeader());
  }

  incident(incident: Incident): void {
    this.csv?.write(incidentCsvLine(incident));
  }

  flowRecords(sensor: string, records: FlowRecordTable): void {
    this.flows?.write(this.flowFormatter.text(sensor, records));
  }

  window(window: TrafficWindow): void {
    this.windows?.write(`${JSON.stringify(window)}\n`);
  }

  /** Closes them all. Throws a UsageError for the first that could not be written to its end. */
  close(): void {
    const failures: unknown[] = [];
    for (const file of [this.csv, this.flows, this.windows]) {
      try {
        file?.close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

function openIf(path: string | undefined, option: string): ResultFile | undefined {
  return path === undefined ? undefined : new ResultFile(path, option);
}
