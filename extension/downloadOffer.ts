/** Which base model may be downloaded in a situation, and the question that is put. Pure. */

import type { DownloadOffer, StatusParams } from '../protocol/messages.ts';
import { readableSize } from './baseModelChoices.ts';

/** There is no base model, or only one that suits the machine less well. */
export type OfferReason = 'needed' | 'better';

/**
 * What "Download Base Model" asks about; undefined when there is nothing to download.
 * `lastOffer`: the newest that was ever made, since the daemon names an offer no more once it was declined.
 */
export function currentOffer(
  status: StatusParams,
  lastOffer: DownloadOffer | undefined,
): { readonly offer: DownloadOffer; readonly why: OfferReason } | undefined {
  const isLacking = status.state === 'consentNeeded' || status.state === 'error';
  const offer = status.download ?? (isLacking ? lastOffer : undefined);
  return offer === undefined ? undefined : { offer, why: isLacking ? 'needed' : 'better' };
}

/** What would be downloaded and why, how much, from where, under which licence. */
export function offerSentence(offer: DownloadOffer, why: OfferReason): string {
  const { name, sizeBytes, source, licence } = offer;
  const reason =
    why === 'needed'
      ? 'Idiom needs a base model to suggest code.'
      : `${name} would suit this machine better than the base model in use.`;
  return `${reason} Download ${name} (${readableSize(sizeBytes)}, ${licence}) from ${source}? It runs on this machine only.`;
}
