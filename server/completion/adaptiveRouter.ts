/** The router of a daemon: remembers how long the latest requests took, and asks chooseRoute. */

import type { Clock } from '../base/clock.ts';
import type { AdapterFile } from '../llama/engine.ts';
import { chooseRoute } from './chooseRoute.ts';
import type { RecentLatency, RouteCandidates } from './chooseRoute.ts';
import type { RoutedDocument, Router } from './route.ts';

export interface RouterProps {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** 0 or less: no limit. */
  budgetMs(): number;
  /** Of the document's repository and the loaded base model; from memory, as it is asked on every request. */
  candidatesOf(document: RoutedDocument): RouteCandidates;
}

/** Older requests are forgotten, so that a way which was too slow is tried again. */
const maxAgeMs = 600_000;
const nKept = 30;
/** Fewer say nothing: the first requests after a start are slow. */
const minMeasured = 8;

export function createRouter(props: RouterProps): Router {
  const taken = new Map<string, { readonly atMs: number; readonly tookMs: number }[]>();
  const keyOf = (adapter: AdapterFile | undefined, useRetrieval: boolean) =>
    `${adapter?.digest ?? 'base'} ${useRetrieval}`;
  function latencyOf(adapter: AdapterFile | undefined, useRetrieval: boolean): RecentLatency | undefined {
    const oldestMs = props.clock.monotonicMs() - maxAgeMs;
    const recent = (taken.get(keyOf(adapter, useRetrieval)) ?? []).filter((each) => each.atMs >= oldestMs);
    if (recent.length < minMeasured) return undefined;
    const sorted = recent.map((each) => each.tookMs).sort((a, b) => a - b);
    return { p75Ms: sorted[Math.ceil(0.75 * sorted.length) - 1] ?? 0 };
  }
  return {
    choose(document) {
      const budgetMs = props.budgetMs();
      return chooseRoute({
        ...props.candidatesOf(document),
        languageId: document.languageId,
        budgetMs: budgetMs > 0 ? budgetMs : undefined,
        latencyOf,
      });
    },
    note({ adapter, useRetrieval }, tookMs) {
      const key = keyOf(adapter, useRetrieval);
      const others = taken.get(key) ?? [];
      taken.set(key, [...others, { atMs: props.clock.monotonicMs(), tookMs }].slice(-nKept));
    },
  };
}
