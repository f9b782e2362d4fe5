/** Asks, once for each base model, whether it may be downloaded; the answer goes to the daemon, which stores it. */

import { window } from 'vscode';
import type { Memento } from 'vscode';
import { messageNames } from '../protocol/messages.ts';
import type { ConsentParams, DownloadOffer, StatusParams } from '../protocol/messages.ts';
import { chooseBaseModel } from './chooseBaseModel.ts';
import { offerSentence } from './downloadOffer.ts';
import type { OfferReason } from './downloadOffer.ts';
import type { LanguageLink } from './languageLink.ts';

/** The daemon names an offer no more once it was declined, but a person may change their mind, in a later window too. */
const lastOfferKey = 'lastOffer';

export class ConsentPrompt {
  readonly #link: () => LanguageLink | undefined;
  readonly #memory: Memento;
  readonly #asked = new Set<string>();

  constructor(link: () => LanguageLink | undefined, memory: Memento) {
    this.#link = link;
    this.#memory = memory;
  }

  /** The newest offer, whether it was answered or not. */
  get lastOffer(): DownloadOffer | undefined {
    return this.#memory.get(lastOfferKey);
  }

  /** Asks when the daemon needs an answer; a window asks no more than once for the same model. */
  async onStatus(status: StatusParams): Promise<void> {
    const offer = status.state === 'consentNeeded' ? status.download : undefined;
    if (offer === undefined || this.#asked.has(offer.ref)) return;
    this.#asked.add(offer.ref);
    await this.#memory.update(lastOfferKey, offer);
    await this.ask(offer, 'needed');
  }

  /** Closing the notification is no answer; the status bar keeps offering the download. */
  async ask(offer: DownloadOffer, why: OfferReason): Promise<void> {
    const download = 'Download';
    const another = 'Use Another';
    const choice = await window.showInformationMessage(
      offerSentence(offer, why),
      download,
      another,
      'Not Now',
    );
    if (choice === another) await chooseBaseModel();
    else if (choice === download) await this.#answer(offer.ref, 'allow');
    else if (choice !== undefined) await this.#answer(offer.ref, 'deny');
  }

  async #answer(ref: string, answer: ConsentParams['answer']): Promise<void> {
    const params: ConsentParams = { ref, answer };
    await this.#link()?.request(messageNames.consent, params);
  }
}
