import { RequestError } from '@weir/dashboard-server';
import { type DetectionConfig, parseDetectionConfig } from '@weir/functions';
import { settingList } from './setting-list.js';

type Settings = Record<string, unknown>;

/** The thresholds in force: as Weir was started, with what operators changed since. */
export class Thresholds {
  constructor(private current: DetectionConfig) {}

  /** All settings, each with why it cannot change if so. */
  list() {
    return settingList(this.current);
  }

  /** What would hold with part of the settings changed. Throws a RequestError for what is no setting, or cannot change. */
  with(settings: Settings): DetectionConfig {
    const changed = this.parsed(merged(this.current as Settings, settings));
    const names = new Map(this.list().map((setting) => [setting.path, setting]));
    for (const { path, value, fixed } of settingList(changed)) {
      if (fixed !== undefined && names.get(path)?.value !== value) throw new RequestError(422, `${path}: ${fixed}`);
    }
    return changed;
  }

  /** What `with` gave holds from now on. */
  use(changed: DetectionConfig): void {
    this.current = changed;
  }

  private parsed(settings: Settings): DetectionConfig {
    try {
      return parseDetectionConfig(settings);
    } catch (error) {
      throw new RequestError(422, (error as Error).message);
    }
  }
}

/** Settings by sections; what `change` leaves out stays. Names that are no sections are left to the check. */
function merged(base: Settings, change: Settings): Settings {
  const result = { ...base };
  for (const [name, value] of Object.entries(change)) {
    const before = Object.hasOwn(base, name) ? base[name] : undefined;
    const both = isSection(before) && isSection(value) ? merged(before, value) : value;
    Object.defineProperty(result, name, { value: both, enumerable: true, writable: true, configurable: true });
  }
  return result;
}

function isSection(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
