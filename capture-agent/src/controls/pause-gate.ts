import { type CaptureControls, ControlRefused } from './controlled-source.js';

/** Holds back the reading of a file while it is paused. */
export class PauseGate implements CaptureControls {
  private opened: Promise<void> | undefined;
  private open: () => void = () => undefined;

  /** `name` is what is read, for messages. */
  constructor(private readonly name: string) {}

  get isPaused(): boolean {
    return this.opened !== undefined;
  }

  /** Resolves when reading may go on; at once unless it is paused. */
  async passed(): Promise<void> {
    await this.opened;
  }

  async pause(): Promise<void> {
    this.opened ??= new Promise((resolve) => {
      this.open = resolve;
    });
  }

  async resume(): Promise<void> {
    this.open();
    this.opened = undefined;
  }

  async retarget(): Promise<void> {
    throw new ControlRefused(`this sensor reads "${this.name}", not an interface. Start one with --interface NAME.`);
  }
}
