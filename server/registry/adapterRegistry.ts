/**
 * Which adapter serves a repository: versions, the aliases on them, and the log of every move. Files are adapterStore.ts,
 * serving is serveAdapter.ts. Every move is one transaction; called within another one, it is part of that.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EvalReport } from '../../protocol/evalReport.ts';
import type { Clock } from '../base/clock.ts';
import { IdiomError } from '../base/errors.ts';
import type { AliasName, StoredAliases } from '../store/adapterAliases.ts';
import type { StoredVersion } from '../store/adapterVersions.ts';
import type { StoredAuditEntry } from '../store/auditEntries.ts';
import type { Ground } from '../store/ground.ts';
import type { StoredAdapter } from './adapterStore.ts';

export type RegistryTables = Pick<
  Ground,
  'db' | 'adapterVersions' | 'adapterAliases' | 'evalReports' | 'auditEntries'
>;

export interface AdapterRegistryProps {
  readonly ground: RegistryTables;
  readonly adaptersFolder: string;
  /** The adapter that comes with Idiom; undefined where a base model has none. */
  readonly taskAdapterOf: (baseDigest: string) => StoredAdapter | undefined;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** One repository with one base model has one champion. */
export interface RegistryKey {
  readonly repoId: string;
  readonly baseDigest: string;
}
export type Who = 'gate' | 'canary' | 'person' | 'policy' | 'forget';
/** Who moves an alias and why, a full sentence; both go into the log. */
export interface Cause {
  readonly who: Who;
  readonly why: string;
}

export interface AdapterRegistry extends AdapterRegistryProps {
  /** Takes a stored adapter in; a second time it changes nothing. */
  add(adapter: StoredAdapter, cause: Cause & { readonly what?: 'trained' | 'imported' }): void;
  /** The known version whose digest begins so. @throws IdiomError `wrongUse` when there is none or several. */
  find(repoId: string, prefix: string): StoredVersion;
  aliases(key: RegistryKey): StoredAliases;
  /** What serves when all files are sound: the champion's digest, "task" or "base". */
  champion(key: RegistryKey): string;
  addReport(repoId: string, report: EvalReport): void;
  /** Whether the last report of `candidate` passed it, against `champion`. */
  hasPassingReport(candidate: string, champion: string): boolean;
  /**
   * champion becomes previous, `digest` becomes champion. Of the champion itself it changes nothing.
   * @throws IdiomError `gateRefused` without a passing report against the present champion, unless there is a reason to
   *   override that; `wrongUse` for a version that is unknown, of another base model, forgotten or without files.
   */
  promote(key: RegistryKey, digest: string, cause: Cause & { readonly overrideReason?: string }): void;
  /**
   * previous becomes champion, or nothing does, and the task adapter or the base model serves.
   * @returns what serves now. @throws IdiomError `wrongUse` when there is no champion to roll back.
   */
  rollback(key: RegistryKey, cause: Cause): string;
  /** @throws IdiomError as promote. */
  setCanary(key: RegistryKey, digest: string, cause: Cause): void;
  /** Nothing happens when there is none. `isRolledBack`: because figures spoke against it. */
  clearCanary(key: RegistryKey, cause: Cause & { readonly isRolledBack?: boolean }): void;
  /** These may never serve again; an alias on one moves on as in a rollback. @returns what serves now, where that changed. */
  markForgotten(digests: readonly string[], why: string): ForgottenChampion[];
  record(entry: Omit<StoredAuditEntry, 'atMs'>): void;
}

export interface ForgottenChampion extends RegistryKey {
  readonly from: string;
  /** A digest, "task" or "base". */
  readonly to: string;
}

export function createAdapterRegistry(props: AdapterRegistryProps): AdapterRegistry {
  const { ground } = props;
  const { adapterAliases, evalReports } = ground;
  return {
    ...props,
    add: (adapter, cause) => add(props, adapter, cause),
    find: (repoId, prefix) => find(props, repoId, prefix),
    aliases: ({ repoId, baseDigest }) => adapterAliases.of(repoId, baseDigest),
    champion: (key) => championOf(props, key),
    addReport: (repoId, report) => void evalReports.add(repoId, report),
    hasPassingReport: (candidate, champion) => hasPassingReport(props, candidate, champion),
    promote: (key, digest, cause) => ground.db.transaction(() => promote(props, key, digest, cause)),
    rollback: (key, cause) => ground.db.transaction(() => rollback(props, key, cause)),
    setCanary: (key, digest, cause) => ground.db.transaction(() => setCanary(props, key, digest, cause)),
    clearCanary: (key, cause) => ground.db.transaction(() => clearCanary(props, key, cause)),
    markForgotten: (digests, why) => ground.db.transaction(() => markForgotten(props, digests, why)),
    record: (entry) => log(props, entry),
  };
}

function add(
  props: AdapterRegistryProps,
  { lineage, digest, folder }: StoredAdapter,
  cause: Cause & { readonly what?: 'trained' | 'imported' },
): void {
  const { repoId, baseDigest, createdAtMs } = lineage;
  const sizeBytes = folderBytes(folder);
  props.ground.db.transaction(() => {
    const row = { digest, repoId, baseDigest, createdAtMs, sizeBytes, lineage: JSON.stringify(lineage) };
    const isNew = props.ground.adapterVersions.add(row);
    const { who, why, what = 'trained' } = cause;
    if (isNew) log(props, { repoId, who, what, digest, why });
  });
}

function find({ ground }: AdapterRegistryProps, repoId: string, prefix: string): StoredVersion {
  const found = ground.adapterVersions.of(repoId).filter((version) => version.digest.startsWith(prefix));
  const [version] = found;
  if (version === undefined)
    throw new IdiomError('wrongUse', `This repository has no adapter version ${prefix}.`, {
      remedy: '"idiom versions" lists them.',
    });
  if (found.length > 1)
    throw new IdiomError('wrongUse', `${found.length} versions have a digest that begins with ${prefix}.`, {
      remedy: 'Give more of its digits.',
    });
  return version;
}

function championOf({ ground, taskAdapterOf }: AdapterRegistryProps, key: RegistryKey): string {
  const { champion } = ground.adapterAliases.of(key.repoId, key.baseDigest);
  return champion ?? (taskAdapterOf(key.baseDigest) === undefined ? 'base' : 'task');
}

function hasPassingReport(props: AdapterRegistryProps, candidate: string, champion: string): boolean {
  const report = props.ground.evalReports.newestOf(candidate);
  if (report?.verdict !== 'pass') return false;
  if (report.champion === champion) return true;
  // The task adapter has a digest too.
  return champion === 'task' && props.taskAdapterOf(report.baseDigest)?.digest === report.champion;
}

function promote(
  props: AdapterRegistryProps,
  key: RegistryKey,
  digest: string,
  { who, why, overrideReason }: Cause & { readonly overrideReason?: string },
): void {
  const { champion, canary } = props.ground.adapterAliases.of(key.repoId, key.baseDigest);
  if (champion === digest) return;
  checkUsable(props, key, digest);
  const reason = overrideReason?.trim() ?? '';
  if (reason === '') checkReport(props, key, digest);
  setAlias(props, key, 'previous', champion);
  setAlias(props, key, 'champion', digest);
  if (canary === digest) setAlias(props, key, 'canary', undefined);
  const overridden = reason === '' ? '' : ` The gate had not passed it; the reason given: ${reason}`;
  log(props, { repoId: key.repoId, who, what: 'promoted', digest, why: `${why}${overridden}` });
}

function rollback(props: AdapterRegistryProps, key: RegistryKey, { who, why }: Cause): string {
  const { champion, previous } = props.ground.adapterAliases.of(key.repoId, key.baseDigest);
  if (champion === undefined)
    throw new IdiomError('wrongUse', 'There is no earlier version yet. The built-in adapter is in use.');
  const target = previous !== undefined && isUsable(props, key, previous) ? previous : undefined;
  setAlias(props, key, 'champion', target);
  setAlias(props, key, 'previous', undefined);
  const to = championOf(props, key);
  log(props, {
    ...{ repoId: key.repoId, who, what: 'rolledBack', digest: champion },
    why: `${why} In use now: ${to}.`,
  });
  return to;
}

function setCanary(props: AdapterRegistryProps, key: RegistryKey, digest: string, { who, why }: Cause): void {
  checkUsable(props, key, digest);
  checkReport(props, key, digest);
  setAlias(props, key, 'canary', digest);
  log(props, { repoId: key.repoId, who, what: 'canaryStarted', digest, why });
}

function clearCanary(
  props: AdapterRegistryProps,
  key: RegistryKey,
  { who, why, isRolledBack }: Cause & { readonly isRolledBack?: boolean },
): void {
  const { canary } = props.ground.adapterAliases.of(key.repoId, key.baseDigest);
  if (canary === undefined) return;
  setAlias(props, key, 'canary', undefined);
  log(props, {
    repoId: key.repoId,
    who,
    what: isRolledBack === true ? 'rolledBack' : 'canaryEnded',
    digest: canary,
    why,
  });
}

function markForgotten(
  props: AdapterRegistryProps,
  digests: readonly string[],
  why: string,
): ForgottenChampion[] {
  const { adapterVersions, adapterAliases } = props.ground;
  for (const digest of digests) {
    const version = adapterVersions.get(digest);
    if (version === undefined || version.forgottenWhy !== undefined) continue;
    adapterVersions.markForgotten(digest, why);
    log(props, { repoId: version.repoId, who: 'forget', what: 'forgotten', digest, why });
  }
  const gone = new Set(digests);
  const aliases = adapterAliases.all().filter((each) => gone.has(each.digest));
  const champions = aliases.filter((each) => each.alias === 'champion');
  for (const each of aliases) if (each.alias !== 'champion') setAlias(props, each, each.alias, undefined);
  return champions.map(({ repoId, baseDigest, digest }) => ({
    ...{ repoId, baseDigest, from: digest },
    to: rollback(props, { repoId, baseDigest }, { who: 'forget', why }),
  }));
}

/** Not forgotten, its files not collected, made for this repository and base model. */
function isUsable({ ground }: AdapterRegistryProps, key: RegistryKey, digest: string): boolean {
  const version = ground.adapterVersions.get(digest);
  return (
    version?.repoId === key.repoId &&
    version.baseDigest === key.baseDigest &&
    version.forgottenWhy === undefined &&
    version.collectedAtMs === undefined
  );
}

function checkUsable(props: AdapterRegistryProps, key: RegistryKey, digest: string): void {
  if (isUsable(props, key, digest)) return;
  const version = props.ground.adapterVersions.get(digest);
  const short = digest.slice(0, 12);
  if (version?.repoId !== key.repoId)
    throw new IdiomError('wrongUse', `This repository has no adapter version ${short}.`, {
      remedy: '"idiom versions" lists them.',
    });
  if (version.baseDigest !== key.baseDigest)
    throw new IdiomError('wrongUse', `The adapter ${short} is for another base model.`, {
      remedy: 'Choose that base model, or train an adapter for this one.',
    });
  throw new IdiomError(
    'wrongUse',
    version.forgottenWhy === undefined
      ? `The files of the adapter ${short} were deleted to save space.`
      : `The adapter ${short} may not serve again: ${version.forgottenWhy}`,
    { remedy: 'Train a new one.' },
  );
}

function checkReport(props: AdapterRegistryProps, key: RegistryKey, digest: string): void {
  const champion = championOf(props, key);
  if (hasPassingReport(props, digest, champion)) return;
  const report = props.ground.evalReports.newestOf(digest);
  const short = digest.slice(0, 12);
  const said =
    report === undefined
      ? `The adapter ${short} was not evaluated.`
      : report.verdict === 'refuse'
        ? `The gate refused the adapter ${short}: ${props.ground.evalReports.refusalsOf(digest).join(' ')}`
        : `The adapter ${short} was compared with ${report.champion.slice(0, 12)}, but ${champion.slice(0, 12)} is in use now.`;
  throw new IdiomError('gateRefused', said, {
    remedy: 'Evaluate it with "idiom eval", or give a reason to use it anyway.',
  });
}

function setAlias(
  { ground, clock }: AdapterRegistryProps,
  { repoId, baseDigest }: RegistryKey,
  alias: AliasName,
  digest: string | undefined,
): void {
  ground.adapterAliases.set({ repoId, baseDigest, alias }, digest, clock.nowMs());
}

function log({ ground, clock }: AdapterRegistryProps, entry: Omit<StoredAuditEntry, 'atMs'>): void {
  ground.auditEntries.add({ ...entry, atMs: clock.nowMs() });
}

/** 0 for a folder that is not there. */
function folderBytes(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  } catch {
    return 0;
  }
}
