import type { Control } from '@weir/contracts';
import type {
  AnalysisDetail,
  CapabilityName,
  ControlAnswer,
  GenerationBody,
  GenerationOptions,
  Model,
  Sensor,
  Setting,
  TestTrafficBody,
} from '@weir/contracts/dashboard-api';

/** A request that cannot be done; the message is for the user and says what to do. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly statusCode: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 503,
    message: string,
  ) {
    super(message);
  }
}

/** What is known of a sensor besides its health. */
export type SensorFacts = Pick<Sensor, 'interfaces'> &
  Partial<Pick<Sensor, 'source' | 'filter'>> & { readonly state?: 'running' | 'stopped' | 'ended' };

/** What an operator can steer, in this process or through the `controls` topic. */
export interface ControlPort {
  /** Why a capability is missing; undefined when it is there. */
  missing(name: CapabilityName): string | undefined;
  /** Does what is asked, or hands it on. Rejects with a RequestError. */
  apply(control: Control): Promise<ControlAnswer>;
  sensorFacts(sensor: string): SensorFacts | undefined;
  /** Detection settings in force. */
  settings(): Setting[];
  /** Models of the registry; absent where none can score. */
  models?(): Model[];
}

export type AnalysisResult = NonNullable<AnalysisDetail['result']> & { readonly packets: number };

/** An uploaded file to look into. */
export interface AnalysisRequest {
  readonly path: string;
  /** As the client called it; only to tell the format by its end. */
  readonly fileName: string;
  readonly stop: AbortSignal;
  onProgress(progress: { share: number; packets: number; incidents: number }): void;
}

/** Finds what is in a capture or flow table, apart from the live traffic. */
export interface Analyser {
  /** Rejects with a RequestError for a file that cannot be read. */
  analyse(request: AnalysisRequest): Promise<AnalysisResult>;
}

/** Makes sample data. */
export interface Generator {
  options(): GenerationOptions;
  /** Writes `data` and `truth`. Rejects with a RequestError for what cannot be made. */
  generate(request: GenerationBody, files: { data: string; truth: string; stop: AbortSignal }): Promise<void>;
}

/** Sends harmless packets of an attack to this machine. */
export interface TestTraffic {
  send(request: TestTrafficBody): Promise<ControlAnswer>;
}

/** What a stage of the pipeline counted, for the page System. */
export interface StageCount {
  readonly name: string;
  readonly unit: string;
  readonly total: number;
  readonly dropped: number;
  readonly lag?: number;
}

/** What the composition root gives the server, besides a feed. */
export interface Ports {
  readonly controls: ControlPort;
  readonly analyser?: Analyser;
  readonly generator?: Generator;
  readonly testTraffic?: TestTraffic;
  /** Counts of the stages before the dashboard. */
  readonly stages?: () => StageCount[];
}
