/** Asks, once for each base model, whether it may be downloaded; the answer goes to the daemon, which stores it. */

import { window } from 'vscode';
import type { Memento } from 'vscode';
import { messageNames } from '../protocol/messages.ts';
import type { ConsentParams, DownloadOffer, StatusParams } from '../protocol/messages.ts';
import { chooseBaseModel, chooseModelFile } from './chooseBaseModel.ts';
import { offerSentence } from './downloadOffer.ts';
import type { OfferReason } from './downloadOffer.ts';
import type { LanguageLink } from './languageLink.ts';

/** The daemon names an offer no more once it was declined, but a person may change their mind, in a later window too. */
const lastOfferKey = 'lastOffer';

export class ConsentPrompt {
  readonly #link: () => LanguageLink | undefined;
  readonly #memory: Memento;
  readonly #asked = new Set<string>();
  /** A person in this window waits for a download. */
  #isWaiting = false;

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
    if (status.isDownloadFailed === true && this.#isWaiting) return this.#offerRetry(status);
    if (status.state === 'ready') this.#isWaiting = false;
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

  /** What has come already is kept, so a retry resumes. */
  async #offerRetry({ detail, remedy }: StatusParams): Promise<void> {
    this.#isWaiting = false;
    const retry = 'Retry';
    const file = 'Choose a File';
    const message = [detail, remedy].filter((sentence) => sentence !== undefined).join(' ');
    const choice = await window.showErrorMessage(message, retry, file, 'Cancel');
    if (choice === file) await chooseModelFile();
    else if (choice === retry) {
      this.#isWaiting = true;
      await this.#link()?.request(messageNames.reload);
    }
  }

  async #answer(ref: string, answer: ConsentParams['answer']): Promise<void> {
    this.#isWaiting = answer === 'allow';
    const params: ConsentParams = { ref, answer };
    await this.#link()?.request(messageNames.consent, params);
  }
}
