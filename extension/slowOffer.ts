/** Offers a remedy, once a window, when suggestions keep coming too late. */

import { ConfigurationTarget, window, workspace } from 'vscode';
import type { Memento } from 'vscode';
import { chooseBaseModel } from './chooseBaseModel.ts';
import { SlownessCount } from './silence.ts';
import { readSetting } from './suggestionSettings.ts';

const neverKey = 'slowOffer.never';
const minPromptTokens = 256;

export class SlowOffer {
  readonly #memory: Memento;
  readonly #count = new SlownessCount();
  #wasMade = false;

  constructor(memory: Memento) {
    this.#memory = memory;
  }

  /** `none`: why a request brought nothing; undefined for a suggestion. */
  onReturned(none: string | undefined): void {
    if (!this.#count.add(none) || this.#wasMade || this.#memory.get(neverKey, false)) return;
    this.#wasMade = true;
    void this.#make();
  }

  async #make(): Promise<void> {
    const shorter = 'Use Shorter Prompts';
    const another = 'Select Another Model';
    const never = "Don't Show Again";
    const tokens = readSetting('maxPromptTokens', undefined);
    const choice = await window.showInformationMessage(
      'The last three suggestions took too long to show them. Shorter prompts or a smaller model are faster on this machine.',
      ...(tokens > minPromptTokens ? [shorter] : []),
      another,
      never,
    );
    if (choice === another) await chooseBaseModel();
    else if (choice === never) await this.#memory.update(neverKey, true);
    else if (choice === shorter) {
      const fewer = Math.max(minPromptTokens, Math.floor(tokens / 2));
      await workspace.getConfiguration('idiom').update('maxPromptTokens', fewer, ConfigurationTarget.Global);
      window.setStatusBarMessage(`Idiom: prompts have at most ${fewer} tokens now.`, 8_000);
    }
  }
}
