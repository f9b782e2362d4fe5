/** Indexes 200,000 small files once, and once more unchanged: `node bench/retrieval/manyFiles.ts [COUNT]`; time and memory. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexOnce } from '../../server/retrieval/indexOnce.ts';

const nFiles = Number(process.argv[2] ?? 200_000);
const perFolder = 1000;
const folder = mkdtempSync(join(tmpdir(), 'idiom-many-'));
const root = join(folder, 'tree');
try {
  for (let i = 0; i < nFiles; i++) {
    const inner = join(root, `part${Math.floor(i / perFolder)}`);
    if (i % perFolder === 0) mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, `item${i}.py`), `def item_${i}(cart):\n    return cart.total + ${i}\n`);
  }
  for (const pass of ['first walk', 'second walk']) {
    const startMs = performance.now();
    const status = await indexOnce({
      root,
      indexPath: join(folder, 'index.sqlite'),
      settingGlobs: [],
      nowMs: () => Date.now(),
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    const seconds = Math.round((performance.now() - startMs) / 1000);
    const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
    const indexMb = Math.round(status.indexBytes / 1e6);
    process.stdout.write(
      `${pass}: ${status.nFiles} files in ${seconds} s, at most ${peakMb} MB of memory, index ${indexMb} MB\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
