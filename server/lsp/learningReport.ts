/** Tells one client where its repositories' loops stand, a few times a second at most. */

import type { LearningParams, RepositoryLearning } from '../../protocol/learning.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';

export interface LearningReportOptions {
  readonly clock: Clock;
  repositories(): readonly RepositoryLearning[];
  onChange(listener: () => void): Disposable;
  send(params: LearningParams): void;
}

const tellEveryMs = 250;

/** Tells at once, then whenever something is new. Dispose when the client leaves. */
export function reportLearning({ clock, repositories, onChange, send }: LearningReportOptions): Disposable {
  const disposables = new DisposableStore();
  let timer: Disposable | undefined;
  let told = '';
  function tell(): void {
    timer = undefined;
    const params: LearningParams = { repositories: repositories() };
    const text = JSON.stringify(params);
    if (text === told) return;
    told = text;
    send(params);
  }
  disposables.add(onChange(() => (timer ??= clock.setTimer(tellEveryMs, tell))));
  disposables.add(toDisposable(() => timer?.dispose()));
  tell();
  return disposables;
}
