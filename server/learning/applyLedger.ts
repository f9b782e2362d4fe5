/** Carries out what a transition writes: moves of aliases and entries of the log. Call it inside the transaction of the new state. */

import type { AdapterRegistry, RegistryKey } from '../registry/adapterRegistry.ts';
import type { LedgerEffect, LoopEffect, WorkEffect } from './loopState.ts';

/**
 * @throws IdiomError of the registry, for example when a version may not be promoted; the transaction is then to be
 *   rolled back.
 */
export function applyLedger(registry: AdapterRegistry, key: RegistryKey, effect: LedgerEffect): void {
  const { repoId } = key;
  switch (effect.kind) {
    case 'promote':
      return registry.promote(key, effect.digest, { who: 'canary', why: effect.why });
    case 'startCanary':
      return registry.setCanary(key, effect.digest, { who: 'gate', why: effect.why });
    case 'endCanary': {
      const { why, isRolledBack } = effect;
      return registry.clearCanary(key, { who: 'canary', why, isRolledBack });
    }
    case 'audit': {
      const { who, what, digest, why } = effect;
      // The registry logs it when it takes the adapter in.
      if (what === 'trained') return;
      return registry.record({ repoId, who, what, digest, why });
    }
  }
}

const workKinds: ReadonlySet<string> = new Set(['train', 'judge', 'stop', 'discard']);

export function isWork(effect: LoopEffect): effect is WorkEffect {
  return workKinds.has(effect.kind);
}
