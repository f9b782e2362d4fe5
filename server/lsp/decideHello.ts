/** What a running daemon answers to a client's greeting; a pure function of the two versions. */

import type { HelloParams, HelloResult } from '../../protocol/messages.ts';

export interface DaemonFacts {
  readonly protocolVersion: number;
  readonly version: string;
  /** Connected clients besides the one that greets. */
  readonly nOtherClients: number;
}

/** See HelloResult for the meaning of each answer. A client that is older than the daemon is served. */
export function decideHello(daemon: DaemonFacts, client: HelloParams): HelloResult['decision'] {
  const isNewer = compareVersions(client.version, daemon.version) > 0;
  const isSameProtocol = client.protocolVersion === daemon.protocolVersion;
  if (isSameProtocol && !isNewer) return 'serve';
  const mayReplace = isNewer || client.protocolVersion > daemon.protocolVersion;
  if (mayReplace && daemon.nOtherClients === 0) return 'retry';
  return isSameProtocol ? 'later' : 'refuse';
}

/** Compares major.minor.patch; a pre-release sorts before its release (https://semver.org section 11, shortened). */
export function compareVersions(a: string, b: string): number {
  const [coreA = '', preA] = split(a);
  const [coreB = '', preB] = split(b);
  const numbersA = coreA.split('.').map(Number);
  const numbersB = coreB.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (numbersA[i] ?? 0) - (numbersB[i] ?? 0);
    if (difference !== 0 && !Number.isNaN(difference)) return Math.sign(difference);
  }
  if (preA === preB) return 0;
  if (preA === undefined) return 1;
  if (preB === undefined) return -1;
  return preA < preB ? -1 : 1;
}

function split(version: string): [string, string | undefined] {
  const at = version.indexOf('-');
  return at < 0 ? [version, undefined] : [version.slice(0, at), version.slice(at + 1)];
}
