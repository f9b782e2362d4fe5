/** Makes a small node-llama-cpp for the .vsix: its JavaScript in three bundles, and the binaries of one platform. */

import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import type { Metafile, Plugin } from 'esbuild';
import { addPackages } from './bundledPackages.ts';

/**
 * Files that look for others beside themselves, so they must stay where they are. The last is also run as a process of
 * its own, which tries a GPU driver out before the engine trusts it; bundled with the rest, it would skip that test.
 */
const fixedFiles = ['config.js', 'utils/getModuleVersion.js', 'bindings/utils/testBindingBinary.js'];

/** Of node-llama-cpp's data, what is read at run time; the rest builds llama.cpp from source. */
const dataFiles = [
  'package.json',
  'LICENSE',
  'llama/binariesGithubRelease.json',
  'llama/llama.cpp.info.json',
];

/** Platform and architecture as in Node -> packages with llama.cpp's binaries. CUDA's are left out for their size. */
const binaryPackages: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': ['linux-x64', 'linux-x64-vulkan'],
  'linux-arm64': ['linux-arm64'],
  'darwin-arm64': ['mac-arm64-metal'],
  'darwin-x64': ['mac-x64'],
  'win32-x64': ['win-x64', 'win-x64-vulkan'],
  'win32-arm64': ['win-arm64'],
};

export interface SlimLlamaProps {
  /** The repository's node_modules. */
  readonly from: string;
  /** The node_modules to make. */
  readonly to: string;
  /** `process.platform-process.arch`. */
  readonly target: string;
  /** Gets the names of the packages whose code went into the bundles. */
  readonly packages: Set<string>;
}

/**
 * Writes `to`/node-llama-cpp and `to`/@node-llama-cpp/*.
 * @throws when the target is unknown, or its first package is not installed.
 */
export async function slimLlama({ from, to, target, packages }: SlimLlamaProps): Promise<void> {
  // esbuild names files by their real paths, and fixed files are told by theirs.
  const source = realpathSync(join(from, 'node-llama-cpp'));
  const destination = join(to, 'node-llama-cpp');
  for (const file of ['index.js', ...fixedFiles]) {
    const metafile = await bundleFile(join(source, 'dist'), join(destination, 'dist'), file);
    addPackages(packages, metafile);
  }
  for (const file of dataFiles) cpSync(join(source, file), join(destination, file));
  prunePackageJson(join(destination, 'package.json'));
  copyBinaries(from, to, target);
}

async function bundleFile(sourceDist: string, outDist: string, file: string): Promise<Metafile> {
  const outfile = join(outDist, file);
  const { metafile } = await build({
    entryPoints: [join(sourceDist, file)],
    outfile,
    bundle: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    // electron is asked for inside VS Code only; reflink speeds up a copy that Idiom never makes.
    external: ['@node-llama-cpp/*', '@reflink/*', 'electron'],
    plugins: [keepFixedFiles(sourceDist, join(sourceDist, file))],
    banner: {
      js: "import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);",
    },
  });
  return metafile;
}

/** Leaves imports of the fixed files as imports, relative to the bundle that has them. */
function keepFixedFiles(sourceDist: string, entry: string): Plugin {
  const fixed = new Set(fixedFiles.map((file) => join(sourceDist, file)));
  return {
    name: 'keep-fixed-files',
    setup(builder) {
      builder.onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, resolveDir }) => {
        const target = join(resolveDir, path);
        if (!fixed.has(target) || target === entry) return undefined;
        const specifier = relative(dirname(entry), target).replaceAll('\\', '/');
        return { path: specifier.startsWith('.') ? specifier : `./${specifier}`, external: true };
      });
    },
  };
}

function prunePackageJson(path: string): void {
  const { name, version, license } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const pruned = { name, version, license, type: 'module', exports: './dist/index.js' };
  writeFileSync(path, `${JSON.stringify(pruned, null, 2)}\n`);
}

function copyBinaries(from: string, to: string, target: string): void {
  const names = binaryPackages[target];
  if (names === undefined) throw new Error(`There are no binaries of llama.cpp for ${target}.`);
  for (const [index, name] of names.entries()) {
    const source = join(from, '@node-llama-cpp', name);
    if (existsSync(source)) {
      mkdirSync(join(to, '@node-llama-cpp'), { recursive: true });
      cpSync(source, join(to, '@node-llama-cpp', name), { recursive: true });
    } else if (index === 0)
      throw new Error(`@node-llama-cpp/${name} is not installed; run npm ci on ${target}.`);
  }
}
