/** Makes idiom-<platform>-<arch>.vsix: bundles, media and one platform's binaries, staged in .cache/vsix-stage. */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBundles, describeBundles } from './build.ts';
import { thirdPartyNotices } from './bundledPackages.ts';
import { writeEmbeddedArchive } from './embeddedArchive.ts';
import { slimLlama } from './slimLlama.ts';

const root = join(import.meta.dirname, '..');
const nodeModules = join(root, 'node_modules');
const stage = join(root, '.cache', 'vsix-stage');
const target = `${process.platform}-${process.arch}`;
const vsixPath = join(root, `idiom-${target}.vsix`);

/** Grammars that server/retrieval/languages.ts does not name. */
const unusedGrammars = /tree-sitter-(css|ini|powershell|regex)\.wasm$/;

rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });

const dist = join(stage, 'dist');
const packages = await buildBundles(dist, true);
for (const line of describeBundles(dist)) console.log(line);
// Below dist/, not at the top: vsce would replace a node_modules there by what it thinks belongs in it.
await slimLlama({ from: nodeModules, to: join(dist, 'node_modules'), target, packages });
copyGrammars();
copyTrainingRuntime();
if (!writeEmbeddedArchive(dist))
  console.log("No pip of 22.2 or newer: this package needs pip on its user's machine to get the base model.");
writeFileSync(join(stage, 'ThirdPartyNotices.txt'), thirdPartyNotices(nodeModules, packages));
for (const name of ['media', 'README.md', 'LICENSE', 'CHANGELOG.md', '.vscodeignore']) {
  if (existsSync(join(root, name))) cpSync(join(root, name), join(stage, name), { recursive: true });
}
writeFileSync(join(stage, 'package.json'), stagedPackageJson());
runVsce();
console.log(`${vsixPath}: ${(statSync(vsixPath).size / 1e6).toFixed(1)} MB.`);

/** The syntax runtime finds its grammars beside itself, so the package goes along as it is, less its types. */
function copyGrammars(): void {
  const name = '@vscode/tree-sitter-wasm';
  const filter = (path: string) => !path.endsWith('.d.ts') && !unusedGrammars.test(path);
  cpSync(join(nodeModules, name), join(dist, 'node_modules', name), { recursive: true, filter });
  packages.add(name);
}

/** onnxruntime with the binaries of this platform; WebGPU's are part of them. */
function copyTrainingRuntime(): void {
  const name = 'onnxruntime-node';
  const binaries = join('bin', 'napi-v6', process.platform, process.arch);
  if (!existsSync(join(nodeModules, name, binaries))) {
    console.log(`onnxruntime has no binaries for ${target}: this package completes and cannot train.`);
    return;
  }
  for (const part of ['package.json', 'dist', binaries]) copyCode(name, part);
  for (const part of ['package.json', join('dist', 'cjs')]) copyCode('onnxruntime-common', part);
}

function copyCode(name: string, part: string): void {
  const filter = (path: string) => !/\.d\.ts$|\.map$/.test(path);
  const to = join(dist, 'node_modules', name, part);
  cpSync(join(nodeModules, name, part), to, { recursive: true, filter });
  packages.add(name);
}

/** Only what VS Code reads; with dependencies named, vsce would look for their folders. */
function stagedPackageJson(): string {
  const source = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const dropped = new Set([
    'private',
    'scripts',
    'devDependencies',
    'dependencies',
    'optionalDependencies',
    'overrides',
  ]);
  const kept = Object.fromEntries(Object.entries(source).filter(([key]) => !dropped.has(key)));
  const staged = { ...kept, bin: { idiom: './dist/idiom.mjs' } };
  return `${JSON.stringify(staged, null, 2)}\n`;
}

function runVsce(): void {
  rmSync(vsixPath, { force: true });
  const vsce = join(nodeModules, '@vscode', 'vsce', 'vsce');
  const args = [vsce, 'package', '--no-dependencies', '--target', target, '--out', vsixPath];
  const result = spawnSync(process.execPath, args, { cwd: stage, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) throw new Error('vsce could not make the .vsix; its message is above.');
}
