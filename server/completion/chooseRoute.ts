/** Chooses the adapter for a request, and whether retrieval takes part: by aliases, language and latency. Pure. */

import type { AdapterFile } from '../llama/engine.ts';
import type { LanguageFigure } from './languageFigures.ts';
import type { Route, RouteName } from './route.ts';

/** What there is to choose from for a document's repository and base model. */
export interface RouteCandidates {
  /** There for base models that were never taught to fill in; without it such a model writes nothing useful. */
  readonly task?: AdapterFile | undefined;
  readonly champion?: AdapterFile | undefined;
  readonly previous?: AdapterFile | undefined;
  readonly canary?: AdapterFile | undefined;
  /** Today the canary serves. */
  readonly isCanaryDay: boolean;
  /** Of the newest reports of champion and canary. */
  readonly languages: readonly LanguageFigure[];
  /** Why `champion` is not the one that was promoted, or none serves, when something is wrong; a sentence. */
  readonly notice?: string | undefined;
}

/** Of the latest requests that went one way; undefined when there were too few to tell. */
export interface RecentLatency {
  readonly p75Ms: number;
}

export interface RouteFacts extends RouteCandidates {
  readonly languageId: string;
  /** A suggestion that comes later is of little use; undefined: no limit. */
  readonly budgetMs: number | undefined;
  latencyOf(adapter: AdapterFile | undefined, useRetrieval: boolean): RecentLatency | undefined;
}

export function chooseRoute(facts: RouteFacts): Route {
  return keepToBudget(facts, fitLanguage(facts, preferred(facts)));
}

type Choice = Pick<Route, 'name' | 'adapter' | 'reason'>;

function preferred({ task, champion, canary, isCanaryDay, notice }: RouteFacts): Choice {
  if (canary !== undefined && isCanaryDay)
    return { name: 'canary', adapter: canary, reason: 'Today is a day of the canary.' };
  if (champion !== undefined)
    return { name: 'champion', adapter: champion, reason: notice ?? 'It is the champion.' };
  const why = notice ?? 'No version trained on this repository is in use yet.';
  return task === undefined
    ? { name: 'base', adapter: undefined, reason: why }
    : { name: 'task', adapter: task, reason: why };
}

/** Where a version was measured to be worse than what it was compared with, that one serves the language. */
function fitLanguage(facts: RouteFacts, choice: Choice): Choice {
  const { adapter, name } = choice;
  const figure = facts.languages.find(
    (each) => each.candidate === adapter?.digest && each.languageId === facts.languageId,
  );
  if (figure === undefined || figure.low <= 0) return choice;
  const better = findCompared(facts, figure.comparedWith);
  if (better === undefined) return choice;
  const change = `${figure.meanNllChange.toFixed(3)} nats per token, ${figure.nCases} cases`;
  const reason = `In ${facts.languageId} the ${name} was measured worse than this one (${change}).`;
  return { ...better, reason };
}

function findCompared(facts: RouteFacts, digest: string): Omit<Choice, 'reason'> | undefined {
  // A base model that needs the task adapter is no alternative by itself.
  if (digest === 'base') return facts.task === undefined ? { name: 'base', adapter: undefined } : undefined;
  const names = ['champion', 'previous', 'task'] as const;
  const found = names.find((name) => facts[name]?.digest === digest || (name === digest && facts[name]));
  return found === undefined ? undefined : { name: found, adapter: facts[found] };
}

interface Way {
  readonly name: RouteName;
  readonly adapter: AdapterFile | undefined;
  readonly useRetrieval: boolean;
  readonly without: string;
}

/**
 * The best way that is not known to be too slow, else the fastest. The adapter goes before retrieval, which brings more
 * (exact matches in arXiv 2505.15179: base 24.8, adapter 44.2, retrieval 53.8, both 57.4 %), unless it is what taught the
 * base model to fill in.
 */
function keepToBudget(facts: RouteFacts, choice: Choice): Route {
  const { budgetMs, latencyOf } = facts;
  const { name, adapter } = choice;
  const full: Way = { name, adapter, useRetrieval: true, without: '' };
  const lean: Way = { name, adapter, useRetrieval: false, without: ' without retrieval' };
  const base: Way = { name: 'base', adapter: undefined, useRetrieval: true, without: ' without an adapter' };
  const isNeeded = adapter === undefined || facts.task !== undefined;
  const ways = isNeeded
    ? [full, lean]
    : [full, base, lean, { ...base, useRetrieval: false, without: ' without both' }];
  const slow = (way: Way) => latencyOf(way.adapter, way.useRetrieval)?.p75Ms ?? 0;
  const [fastest = full] = [...ways].sort((a, b) => slow(a) - slow(b));
  const found = budgetMs === undefined ? full : (ways.find((way) => slow(way) <= budgetMs) ?? fastest);
  const { without, ...way } = found;
  const late = `It took ${Math.round(slow(full))} ms of ${budgetMs ?? 0}, so it is asked${without}.`;
  return { ...way, reason: found === full ? choice.reason : `${choice.reason} ${late}` };
}
