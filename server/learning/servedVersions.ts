/** What there is to serve a repository's requests with, at this very moment; which of it serves is chooseRoute.ts's to say. */

import { languageFigures } from '../completion/languageFigures.ts';
import type { LanguageFigure } from '../completion/languageFigures.ts';
import type { RouteCandidates } from '../completion/chooseRoute.ts';
import type { AdapterFile } from '../llama/engine.ts';
import type { AdapterRegistry, RegistryKey } from '../registry/adapterRegistry.ts';
import { describeRetired } from './describeRetired.ts';
import type { AdapterServer, Serving } from '../registry/serveAdapter.ts';

export interface ServedVersions {
  /** Asked on each request: looks at aliases and file stamps, reads no report. */
  candidatesOf(key: RegistryKey, isCanaryDay: boolean): RouteCandidates;
  serving(key: RegistryKey): Serving;
  /** Reports may have come: they are read again when they are needed. */
  refresh(): void;
}

export function createServedVersions(
  registry: Pick<AdapterRegistry, 'aliases' | 'ground'>,
  adapters: AdapterServer,
): ServedVersions {
  const figures = new Map<string, readonly LanguageFigure[]>();
  function languagesOf(digest: string | undefined): readonly LanguageFigure[] {
    if (digest === undefined) return [];
    const known = figures.get(digest);
    if (known !== undefined) return known;
    const report = registry.ground.evalReports.newestOf(digest);
    const found = report === undefined ? [] : languageFigures(report);
    figures.set(digest, found);
    return found;
  }
  const forLong = (file: AdapterFile | undefined) =>
    file === undefined ? undefined : { ...file, mayMerge: true };
  const sound = (file: AdapterFile | undefined | 'damaged') => (file === 'damaged' ? undefined : file);
  return {
    serving(key) {
      const serving = adapters.serving(key);
      const notice = serving.notice ?? describeRetired(registry, key);
      return notice === undefined ? serving : { ...serving, notice };
    },
    refresh: () => figures.clear(),
    candidatesOf(key, isCanaryDay) {
      const { champion, previous } = registry.aliases(key);
      const serving = adapters.serving(key);
      const canary = isCanaryDay ? adapters.canary(key) : undefined;
      const isChampion = champion !== undefined && serving.name === champion;
      const isVersion = serving.name !== 'task' && serving.name !== 'base';
      return {
        task: forLong(sound(adapters.fileOf(key, 'task'))),
        champion: isVersion ? forLong(serving.file) : undefined,
        previous: isChampion && previous !== undefined ? sound(adapters.fileOf(key, previous)) : undefined,
        canary: forLong(canary),
        isCanaryDay: canary !== undefined,
        languages: [...languagesOf(isChampion ? champion : undefined), ...languagesOf(canary?.digest)],
        notice: serving.notice,
      };
    },
  };
}
