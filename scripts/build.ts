/** Bundles the extension, the dashboard's page, the daemon with its CLI, and the children and threads into dist/. It makes no .vsix. */

import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { addPackages } from './bundledPackages.ts';

const root = join(import.meta.dirname, '..');

export interface Bundle {
  readonly entry: string;
  readonly outFile: string;
  readonly options: BuildOptions;
}

/** CommonJS packages inside an ES module bundle still ask for `require`. */
const esmBanner =
  "import { createRequire as createRequireForBundle } from 'node:module';\n" +
  'const require = createRequireForBundle(import.meta.url);';

const esm: BuildOptions = {
  format: 'esm',
  target: 'node22',
  external: ['node-llama-cpp', '@node-llama-cpp/*', 'onnxruntime-node'],
  banner: { js: esmBanner },
};

/** VS Code loads an extension's main file as CommonJS and lends it `vscode`. */
const cjs: BuildOptions = { format: 'cjs', target: 'node22', external: ['vscode'] };

/** For VS Code's own browser; its style sheet is written beside it. */
const page: BuildOptions = { format: 'esm', target: 'chrome134', platform: 'browser' };

export const bundles: readonly Bundle[] = [
  { entry: 'extension/extension.ts', outFile: 'extension.cjs', options: cjs },
  {
    entry: 'server/main.ts',
    outFile: 'idiom.mjs',
    options: { ...esm, banner: { js: `#!/usr/bin/env node\n${esmBanner}` } },
  },
  { entry: 'server/llama/engineChild.ts', outFile: 'engineChild.mjs', options: esm },
  { entry: 'server/retrieval/indexChild.ts', outFile: 'indexChild.mjs', options: esm },
  { entry: 'webview/dashboard.ts', outFile: 'webview/dashboard.js', options: page },
  { entry: 'server/training/run/trainerChild.ts', outFile: 'trainerChild.mjs', options: esm },
  { entry: 'server/training/lora/batchWorker.ts', outFile: 'batchWorker.mjs', options: esm },
];

/**
 * Writes the bundles into `outDir`, replacing those of an earlier build; returns the packages whose code is in them.
 * @throws when an entry is missing or does not compile.
 */
export async function buildBundles(outDir: string, isForRelease: boolean): Promise<Set<string>> {
  const packages = new Set<string>();
  mkdirSync(outDir, { recursive: true });
  for (const bundle of bundles) {
    const entry = join(root, bundle.entry);
    if (!existsSync(entry))
      throw new Error(`${bundle.entry} is missing, so ${bundle.outFile} cannot be built.`);
    const outfile = join(outDir, bundle.outFile);
    rmSync(`${outfile}.map`, { force: true });
    const built = await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      metafile: true,
      legalComments: 'none',
      logLevel: 'warning',
      minify: isForRelease,
      keepNames: true,
      sourcemap: isForRelease ? false : 'linked',
      ...bundle.options,
    });
    if (built.metafile !== undefined) addPackages(packages, built.metafile);
  }
  writeCommands(join(outDir, 'bin'));
  return packages;
}

/** The command `idiom` for terminals that the extension opens; IDIOM_NODE is the Node, or the Electron, to run it under. */
function writeCommands(binDir: string): void {
  mkdirSync(binDir, { recursive: true });
  const unix = [
    '#!/bin/sh',
    'ELECTRON_RUN_AS_NODE=1 exec "${IDIOM_NODE:-node}" "$(dirname "$0")/../idiom.mjs" "$@"',
    '',
  ];
  const windows = [
    '@echo off',
    'setlocal',
    'set ELECTRON_RUN_AS_NODE=1',
    'if not defined IDIOM_NODE set IDIOM_NODE=node',
    '"%IDIOM_NODE%" "%~dp0..\\idiom.mjs" %*',
    '',
  ];
  writeFileSync(join(binDir, 'idiom'), unix.join('\n'), { mode: 0o755 });
  writeFileSync(join(binDir, 'idiom.cmd'), windows.join('\r\n'));
}

/** One line a bundle: name and size. */
export function describeBundles(outDir: string): string[] {
  return bundles.map(({ outFile }) => {
    const sizeKb = Math.round(statSync(join(outDir, outFile)).size / 1000);
    return `${outFile.padEnd(20)} ${sizeKb.toString().padStart(6)} kB`;
  });
}

if (import.meta.main) {
  const outDir = join(root, 'dist');
  const startedAt = performance.now();
  await buildBundles(outDir, false);
  for (const line of describeBundles(outDir)) console.log(line);
  console.log(`Built in ${Math.round(performance.now() - startedAt)} ms.`);
}
