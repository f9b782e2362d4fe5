/** What was forgotten while no loop of the repository ran, or by a process that ended before it could tell. Changes nothing. */

import type { AdapterRegistry, RegistryKey } from '../registry/adapterRegistry.ts';
import type { StoredAuditEntry } from '../store/auditEntries.ts';
import type { Loop, LoopEvent } from './loopState.ts';

/** Later entries of the log say what serves; older ones are of no interest. */
const nEntries = 200;

/** The last move of this champion in the log, if that was because of something that it had learned. */
export function movedByForgetting(
  { ground }: Pick<AdapterRegistry, 'ground'>,
  { repoId, baseDigest }: RegistryKey,
): StoredAuditEntry | undefined {
  const moved = ground.auditEntries
    .of(repoId, nEntries)
    .find(
      ({ what, digest = '' }) =>
        (what === 'promoted' || what === 'rolledBack') &&
        ground.adapterVersions.get(digest)?.baseDigest === baseDigest,
    );
  return moved?.who === 'forget' ? moved : undefined;
}

/** Undefined when there is nothing that the loop does not know. */
export function missedForgetting(
  registry: Pick<AdapterRegistry, 'ground'>,
  key: RegistryKey,
  { state, memory }: Loop,
): Extract<LoopEvent, { kind: 'forgotten' }> | undefined {
  const isGone = (digest: string) => registry.ground.adapterVersions.get(digest)?.forgottenWhy !== undefined;
  const inner = state.kind === 'paused' ? state.from : state;
  const held = inner.kind === 'failed' ? inner.from : inner;
  const isTouched =
    ('candidate' in held && isGone(held.candidate)) || ('plan' in held && isGone(held.plan.parent));
  const isWished = held.kind === 'collecting' && held.wish !== undefined;
  const movedAtMs = movedByForgetting(registry, key)?.atMs ?? 0;
  const isRetraining = !isWished && movedAtMs > (memory.lastEndedAtMs ?? 0);
  return isTouched || isRetraining ? { kind: 'forgotten', isTouched, isRetraining } : undefined;
}
