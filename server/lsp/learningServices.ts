/** What the daemon's clients share of learning: loops, versions and what they may be told. Opens no database itself. */

import type { RepositoryLearning, VersionsResult } from '../../protocol/learning.ts';
import type { RouteCandidates } from '../completion/chooseRoute.ts';
import type { CanaryRules } from '../learning/judgeCanary.ts';
import type { LiveLoops } from '../learning/liveLoops.ts';
import type { LoopSettings } from '../learning/loopSettings.ts';
import type { ServedVersions } from '../learning/servedVersions.ts';
import type { Engine } from '../llama/engine.ts';
import type { AdapterRegistry, RegistryKey } from '../registry/adapterRegistry.ts';
import { listVersions } from '../registry/listVersions.ts';
import type { Ground } from '../store/ground.ts';
import { describeLearning, describeNoLoop } from './describeLearning.ts';
import type { LearnedRepository } from './describeLearning.ts';

/** Undefined where there is no usable database; `problem` says why. */
export interface LearningProps {
  readonly engine: Engine;
  readonly loops: LiveLoops;
  readonly ground: Ground;
  readonly registry: AdapterRegistry;
  readonly served: ServedVersions;
  readonly rules: CanaryRules;
  readonly settings: () => LoopSettings;
}

export interface LearningServices extends LearningProps {
  describe(repository: LearnedRepository): RepositoryLearning;
  versionsOf(repository: Pick<LearnedRepository, 'repoId' | 'name'>): VersionsResult;
  /** Of the adapter that comes with Idiom for the base model that is loaded. */
  builtInDigest(): string | undefined;
  /** Of a document's repository; undefined: it lies in none that is known. */
  candidatesOf(repoId: string | undefined): RouteCandidates;
}

export function createLearningServices(props: LearningProps): LearningServices {
  const { engine, loops, registry, served, rules, settings } = props;
  const keyOf = (repoId: string): RegistryKey | undefined =>
    engine.state.kind === 'ready' ? { repoId, baseDigest: engine.state.info.digest } : undefined;
  return {
    ...props,
    describe(repository) {
      const { repoId } = repository;
      const loop = loops.of(repoId);
      if (loop === undefined) return describeNoLoop(repository, loops.troubleOf(repoId));
      const { view } = loop;
      const serving = served.serving(view.key);
      const canaryToday = loop.isCanaryDay ? registry.aliases(view.key).canary : undefined;
      const { canaryShare } = settings();
      return describeLearning(repository, view, { serving, canaryToday, canaryShare, rules });
    },
    versionsOf({ repoId, name }) {
      const key = keyOf(repoId);
      const aliases = key === undefined ? {} : registry.aliases(key);
      return { repoId, name, versions: listVersions(registry, repoId), aliases };
    },
    builtInDigest() {
      const key = keyOf('');
      return key === undefined ? undefined : registry.taskAdapterOf(key.baseDigest)?.digest;
    },
    candidatesOf(repoId) {
      // A document in no repository is served with what comes with Idiom.
      const key = keyOf(repoId ?? '');
      if (key === undefined) return { isCanaryDay: false, languages: [] };
      return served.candidatesOf(key, loops.of(key.repoId)?.isCanaryDay === true);
    },
  };
}
