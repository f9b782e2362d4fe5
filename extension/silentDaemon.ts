/** A daemon that does not answer: notices it, says so, and ends it when a person wants that. */

import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { daemonEnvironment } from '../protocol/daemonEnvironment.ts';
import type { Clock } from './clock.ts';
import type { DaemonConnectionProps } from './daemonConnection.ts';
import { LinkError } from './linkError.ts';

const askEveryMs = 15_000;
const answerWithinMs = 10_000;
/** After a computer slept, timers fire before what had come meanwhile is read. */
const graceMs = 1_000;
const endWithinMs = 30_000;

export class SilentDaemonError extends LinkError {
  constructor() {
    super('The Idiom daemon does not answer.', 'Run "Idiom: Restart Engine" to end it and start another.');
  }
}

/** Asks again and again, and calls `onSilence` once when an answer does not come. An error is an answer too. */
export function watchAnswers(
  ask: () => Promise<unknown>,
  clock: Clock,
  onSilence: () => void,
): { dispose(): void } {
  let timer = clock.setTimer(askEveryMs, look);
  let isDisposed = false;
  return {
    dispose() {
      isDisposed = true;
      timer.dispose();
    },
  };

  function look(): void {
    timer = clock.setTimer(answerWithinMs, () => {
      timer = clock.setTimer(graceMs, onSilence);
    });
    const again = () => {
      if (isDisposed) return;
      timer.dispose();
      timer = clock.setTimer(askEveryMs, look);
    };
    ask().then(again, again);
  }
}

/** Kills the daemon as `idiom daemon stop --force` does. Answers what that said. */
export function endDaemon({ execPath, daemonFile, env }: DaemonConnectionProps): Promise<string> {
  return new Promise((resolve) => {
    const options = {
      cwd: dirname(execPath),
      env: { ...daemonEnvironment(env), ELECTRON_RUN_AS_NODE: '1' },
      timeout: endWithinMs,
      windowsHide: true,
    };
    execFile(execPath, [daemonFile, 'daemon', 'stop', '--force'], options, (_error, stdout, stderr) =>
      resolve(`${stdout}${stderr}`.trim()),
    );
  });
}
