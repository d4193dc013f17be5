import { RequestError } from '@weir/dashboard-server';
import { type DetectionConfig, NO_RULES, parseDetectionConfig } from '@weir/functions';
import { withRules } from '../rules/with-rules.js';
import { settingList } from './setting-list.js';

type Settings = Record<string, unknown>;

/** Settings that a file of rules fills. */
const FROM_RULES = [
  ['host', 'rules'],
  ['host', 'lists'],
  ['incident', 'exceptions'],
] as const;
const READ_ONCE = 'It is read when Weir starts. Write it to a file and start with --rules FILE.';

/** The thresholds in force: as Weir was started, with what operators changed since. */
export class Thresholds {
  private current: DetectionConfig;

  constructor(config: DetectionConfig) {
    // What rules say cannot change, and may be a million entries: nothing to copy and check at each change.
    this.current = withRules(config, NO_RULES);
  }

  /** All settings, each with why it cannot change if so. */
  list() {
    return settingList(this.current);
  }

  /** What would hold with part of the settings changed. Throws a RequestError for what is no setting, or cannot change. */
  with(settings: Settings): DetectionConfig {
    for (const [section, name] of FROM_RULES) {
      const said = settings[section];
      if (isSection(said) && Object.hasOwn(said, name)) throw new RequestError(422, `${section}.${name}: ${READ_ONCE}`);
    }
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
