/** One client's settings, per folder, fetched from the editor when they are first needed and after each change. */

import type { Connection } from 'vscode-languageserver';
import { defaultSettings, readSettings } from '../../protocol/settings.ts';
import type { Settings } from '../../protocol/settings.ts';
import type { Logger } from '../base/logger.ts';

export interface SessionSettingsOptions {
  readonly connection: Connection;
  readonly logger: Logger;
  /** Editors that can't be asked send their settings once, as `initializationOptions.settings`. */
  readonly initial: unknown;
  readonly canAsk: boolean;
}

export class SessionSettings {
  readonly #options: SessionSettingsOptions;
  readonly #byScope = new Map<string, Promise<Settings>>();
  readonly #reported = new Set<string>();
  #pushed: unknown;

  constructor(options: SessionSettingsOptions) {
    this.#options = options;
    this.#pushed = options.initial;
  }

  /** Settings for a document or folder, or the window's for undefined. Falls back to the defaults, never rejects. */
  get(scopeUri: string | undefined): Promise<Settings> {
    const key = scopeUri ?? '';
    let found = this.#byScope.get(key);
    if (found === undefined) {
      if (this.#byScope.size > 500) this.#byScope.clear();
      found = this.#fetch(scopeUri);
      this.#byScope.set(key, found);
    }
    return found;
  }

  /** The editor says that something changed; `value` is what it pushed, if it pushes. */
  changed(value: unknown): void {
    this.#byScope.clear();
    if (typeof value === 'object' && value !== null)
      this.#pushed = (value as { idiom?: unknown }).idiom ?? value;
  }

  async #fetch(scopeUri: string | undefined): Promise<Settings> {
    const { connection, canAsk, logger } = this.#options;
    try {
      const item = scopeUri === undefined ? { section: 'idiom' } : { section: 'idiom', scopeUri };
      const answer: unknown = canAsk ? await connection.workspace.getConfiguration(item) : undefined;
      const { settings, problems } = readSettings(answer ?? this.#pushed);
      for (const problem of problems) this.#report(problem);
      return settings;
    } catch (error) {
      logger.debug('lsp', 'settings could not be fetched', { error: String(error) });
      return defaultSettings;
    }
  }

  #report(problem: string): void {
    if (this.#reported.has(problem)) return;
    this.#reported.add(problem);
    this.#options.logger.warn('lsp', problem);
    this.#options.connection.console.warn(problem);
  }
}
