/** All settings in one table; package.json and docs/settings.md are generated from it and a test fails on drift. */

export type SettingScope = 'machine' | 'application' | 'window' | 'resource' | 'language-overridable';

/** Titles in the settings editor, in its order. */
export const settingGroups = {
  suggestions: 'Suggestions',
  model: 'Model',
  learning: 'Learning and Privacy',
  advanced: 'Advanced',
} as const;

interface SettingBase<T> {
  readonly default: T;
  /**
   * Where it may be set: https://code.visualstudio.com/api/references/contribution-points#Configuration-schema.
   * Paths, programs and what hangs on the hardware are `machine`: each machine has its own. What a person decided, above
   * all on privacy, is `application`: it goes along with Settings Sync and into remote windows. A workspace can set
   * neither, so that a repository can't choose a file to load, allow a download, or have code logged or kept for longer.
   */
  readonly scope: SettingScope;
  readonly group: keyof typeof settingGroups;
  readonly description: string;
}
interface BooleanSetting extends SettingBase<boolean> {
  readonly type: 'boolean';
}
interface StringSetting extends SettingBase<string> {
  readonly type: 'string';
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
}
interface IntegerSetting extends SettingBase<number> {
  readonly type: 'integer';
  readonly minimum: number;
  readonly maximum: number;
  /** What "auto" stands for. */
  readonly auto?: number;
}
interface StringListSetting extends SettingBase<readonly string[]> {
  readonly type: 'array';
}
export type Setting = BooleanSetting | StringSetting | IntegerSetting | StringListSetting;

export const settingsTable = {
  enabled: {
    type: 'boolean',
    default: true,
    scope: 'language-overridable',
    group: 'suggestions',
    description: 'Suggest code while you type. Off: nothing is computed and nothing is recorded.',
  },
  baseModel: {
    type: 'string',
    default: 'auto',
    scope: 'machine',
    group: 'model',
    description:
      'The base model: `auto` (chosen by memory and GPU), the path of a GGUF file, `hf:owner/repo/file.gguf`, `ollama:name`, or `embedded` (SmolLM2-135M, a download of 93 MB).',
  },
  downloads: {
    type: 'string',
    enum: ['ask', 'always', 'never'],
    enumDescriptions: [
      'Ask once for each base model, with its size and source.',
      'Download a missing base model without asking.',
      'Never use the network.',
    ],
    default: 'ask',
    scope: 'application',
    group: 'model',
    description: 'Whether a missing base model may be downloaded. Idiom uses the network for nothing else.',
  },
  gpu: {
    type: 'string',
    enum: ['auto', 'off'],
    enumDescriptions: ['Use a GPU when there is one.', 'Compute on the processor only.'],
    default: 'auto',
    scope: 'machine',
    group: 'model',
    description: 'Where the base model runs.',
  },
  threads: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 256,
    scope: 'machine',
    group: 'model',
    auto: 0,
    description: 'Processor threads for the base model. 0: as many as there are physical cores, at most 8.',
  },
  maxPromptTokens: {
    type: 'integer',
    default: 1024,
    minimum: 128,
    maximum: 16384,
    scope: 'application',
    group: 'model',
    description:
      'Tokens of context the base model reads for a suggestion. More is better informed and slower.',
  },
  maxNewTokens: {
    type: 'integer',
    default: 64,
    minimum: 4,
    maximum: 512,
    scope: 'application',
    group: 'suggestions',
    description: 'Longest suggestion, in tokens.',
  },
  multiline: {
    type: 'string',
    enum: ['auto', 'never', 'always'],
    enumDescriptions: [
      'Several lines where a block begins, else one.',
      'Always one line.',
      'Several lines wherever the model has more to add. Slower, and more often wrong.',
    ],
    default: 'auto',
    scope: 'language-overridable',
    group: 'suggestions',
    description: 'When a suggestion may span several lines.',
  },
  maxLines: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 50,
    scope: 'language-overridable',
    group: 'suggestions',
    description: 'Most lines of a suggestion. 0: as many as the block has, at most 10.',
  },
  trigger: {
    type: 'string',
    enum: ['automatic', 'manual'],
    enumDescriptions: [
      'Suggest while you type.',
      'Suggest only on the command _Trigger Suggestion_ (`Alt+\\`).',
    ],
    default: 'automatic',
    scope: 'language-overridable',
    group: 'suggestions',
    description: 'When to suggest.',
  },
  inComments: {
    type: 'boolean',
    default: true,
    scope: 'language-overridable',
    group: 'suggestions',
    description: 'Suggest while you write a comment. Off: only on _Trigger Suggestion_.',
  },
  debounceMs: {
    type: 'integer',
    default: -1,
    minimum: -1,
    maximum: 2000,
    scope: 'window',
    group: 'suggestions',
    auto: -1,
    description:
      'Wait after a keystroke, in milliseconds. -1: adapted to your typing and to how fast the model answers.',
  },
  latencyBudgetMs: {
    type: 'integer',
    default: 800,
    minimum: 0,
    maximum: 60_000,
    scope: 'application',
    group: 'suggestions',
    description:
      'From the last key to a suggestion, in milliseconds. Prompts are cut to what this machine reads in that time, and grow while you pause. Where that is not enough, and three of four recent suggestions took four times as long, the adapter or retrieval is left out for some minutes. 0: prompts always have `maxPromptTokens`.',
  },
  disabledLanguages: {
    type: 'array',
    default: [
      'plaintext',
      'markdown',
      'latex',
      'restructuredtext',
      'git-commit',
      'git-rebase',
      'scminput',
      'log',
    ],
    scope: 'resource',
    group: 'suggestions',
    description:
      'Language identifiers in which Idiom suggests nothing. By default these are languages of prose; remove one to get suggestions in it.',
  },
  ignore: {
    type: 'array',
    default: [],
    scope: 'resource',
    group: 'learning',
    description:
      'Glob patterns, in `.gitignore` syntax, of files that are never read into a prompt, recorded or learned from. They add to `.gitignore`, `.idiomignore` and the built-in list of secret files.',
  },
  'learning.enabled': {
    type: 'boolean',
    default: true,
    scope: 'resource',
    group: 'learning',
    description:
      'Record what became of suggestions in this folder, and learn from it and from its history. Off: suggestions continue; nothing is stored or learned. A workspace can turn this off, and not on for someone who has it off. For a folder of your own, use the command _Toggle Learning for This Repository_: it writes nothing into the folder.',
  },
  'learning.automatic': {
    type: 'boolean',
    default: true,
    scope: 'application',
    group: 'learning',
    description:
      'Train automatically when there is enough to learn, the computer is idle and plugged in. Off: only on command.',
  },
  'learning.approval': {
    type: 'string',
    enum: ['auto', 'ask'],
    enumDescriptions: [
      'A version that is measurably better is used automatically.',
      'Each version waits for a person before it is put in use.',
    ],
    default: 'auto',
    scope: 'application',
    group: 'learning',
    description: 'Who decides that a new version is used after its evaluation and its trial.',
  },
  'learning.minNewExamples': {
    type: 'integer',
    default: 200,
    minimum: 1,
    maximum: 1_000_000,
    scope: 'application',
    group: 'advanced',
    description:
      'New examples that start a training: suggestions of which it is known what was kept, and lines that new commits added.',
  },
  'learning.minIntervalHours': {
    type: 'integer',
    default: 12,
    minimum: 0,
    maximum: 8760,
    scope: 'application',
    group: 'advanced',
    description: 'Shortest time between two trainings of a repository that start by themselves, in hours.',
  },
  'learning.idleMinutes': {
    type: 'integer',
    default: 5,
    minimum: 0,
    maximum: 1440,
    scope: 'application',
    group: 'learning',
    description:
      'A training starts by itself once no editor was used for so many minutes. While one runs, suggestions still come first.',
  },
  'learning.onBattery': {
    type: 'boolean',
    default: false,
    scope: 'application',
    group: 'learning',
    description: 'Train on battery too. Off: a training waits, and pauses, until there is mains power.',
  },
  'learning.budgetMinutes': {
    type: 'integer',
    default: 15,
    minimum: 1,
    maximum: 10_000,
    scope: 'application',
    group: 'learning',
    description: 'Computing time of one training, in minutes, without pauses.',
  },
  'learning.canaryShare': {
    type: 'integer',
    default: 10,
    minimum: 0,
    maximum: 100,
    scope: 'application',
    group: 'advanced',
    description:
      'Percentage of days on which a version that passed its evaluation is used on trial. On the others it is only compared, on what you typed.',
  },
  'learning.canaryDays': {
    type: 'integer',
    default: 7,
    minimum: 0,
    maximum: 365,
    scope: 'application',
    group: 'advanced',
    description:
      'After so many days on trial, a version whose gate report is strong is put in use if nothing speaks against it, though too little was typed to be sure. 0: at once.',
  },
  'signals.retentionDays': {
    type: 'integer',
    default: 90,
    minimum: 1,
    maximum: 3650,
    scope: 'application',
    group: 'learning',
    description: 'Days after which recorded suggestions and outcomes are deleted.',
  },
  logLevel: {
    type: 'string',
    enum: ['error', 'warn', 'info', 'debug', 'trace'],
    default: 'info',
    scope: 'application',
    group: 'advanced',
    description:
      'How much the daemon logs. Only `trace` writes code text, and only to a private file on this machine.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof settingsTable;
type Widen<T> = T extends readonly unknown[]
  ? readonly string[]
  : T extends boolean
    ? boolean
    : T extends number
      ? number
      : string;
export type Settings = { readonly [Name in SettingName]: Widen<(typeof settingsTable)[Name]['default']> };

export const defaultSettings = Object.fromEntries(
  Object.entries(settingsTable).map(([name, setting]) => [name, setting.default]),
) as unknown as Settings;

/**
 * Reads settings from an untrusted value, for example an editor's configuration object: nested (`{learning: {enabled}}`)
 * or flat (`{"learning.enabled"}`). A value of the wrong type or out of range is replaced by the default and named in `problems`.
 */
export function readSettings(value: unknown): { settings: Settings; problems: string[] } {
  const problems: string[] = [];
  const entries = Object.entries<Setting>(settingsTable).map(([name, setting]): [string, unknown] => {
    const found = lookUp(value, name);
    if (found === undefined || found === null) return [name, setting.default];
    if (setting.type === 'integer' && setting.auto !== undefined && found === 'auto')
      return [name, setting.auto];
    if (isValid(setting, found)) return [name, found];
    problems.push(`The setting idiom.${name} is not ${expectation(setting)}; its default is used.`);
    return [name, setting.default];
  });
  return { settings: Object.fromEntries(entries) as unknown as Settings, problems };
}

function lookUp(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
  return name.split('.').reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    return (inner as Record<string, unknown>)[key];
  }, value);
}

function isValid(setting: Setting, value: unknown): boolean {
  switch (setting.type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string' && (setting.enum === undefined || setting.enum.includes(value));
    case 'integer':
      return Number.isInteger(value) && Number(value) >= setting.minimum && Number(value) <= setting.maximum;
    case 'array':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
  }
}

function expectation(setting: Setting): string {
  switch (setting.type) {
    case 'boolean':
      return 'true or false';
    case 'string':
      return setting.enum === undefined ? 'a text' : `one of ${setting.enum.join(', ')}`;
    case 'integer':
      return `a whole number from ${setting.minimum} to ${setting.maximum}`;
    case 'array':
      return 'a list of texts';
  }
}

/** The settings that VS Code lets a person set for one language, as in `"[python]": {"idiom.multiline": "never"}`. */
export const languageSettings = Object.entries<Setting>(settingsTable)
  .filter(([, { scope }]) => scope === 'language-overridable')
  .map(([name]) => name as SettingName);
