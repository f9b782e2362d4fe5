/** An engine that only counts and cuts tokens. */

import { systemClock } from '../../server/base/clock.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { EngineProcess } from '../../server/llama/engineProcess.ts';

export function openTokenizer(): EngineProcess {
  return new EngineProcess({
    clock: systemClock,
    logger: silentLogger,
    gpu: 'off',
    threads: 1,
    contextTokens: 256,
  });
}
