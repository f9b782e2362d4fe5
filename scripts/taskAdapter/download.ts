/** Gets packages with the ordinary clients of their registries and unpacks them; nothing of a package is run. */

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { digestFile } from '../../server/base/digest.ts';
import type { SourcePackage } from './packageList.ts';

export interface Unpacked {
  readonly folder: string;
  /** SHA-256 of the archive it came in, hex. */
  readonly sha256: string;
}

export interface UnpackedPackage extends Unpacked {
  readonly package: SourcePackage;
}

type ArchiveName = Pick<SourcePackage, 'kind' | 'name' | 'version'>;

/** Unpacked once below `cacheFolder`; a later call finds it there. */
export async function downloadPackage(each: ArchiveName, cacheFolder: string): Promise<Unpacked> {
  const folder = join(cacheFolder, each.kind, `${each.name.replace(/[^\w.@-]/g, '_')}@${each.version}`);
  const digestPath = `${folder}.sha256`;
  if (existsSync(folder) && existsSync(digestPath)) {
    return { folder, sha256: readFileSync(digestPath, 'utf8') };
  }
  const work = `${folder}.work`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'content'), { recursive: true });
  const sha256 = await clients[each.kind](each, work, join(work, 'content'));
  rmSync(folder, { recursive: true, force: true });
  renameSync(join(work, 'content'), folder);
  rmSync(work, { recursive: true, force: true });
  writeFileSync(digestPath, sha256);
  return { folder, sha256 };
}

/** Downloads into `work`, unpacks into `content`, answers the archive's digest. */
type Client = (each: ArchiveName, work: string, content: string) => Promise<string>;

const clients: Readonly<Record<SourcePackage['kind'], Client>> = {
  async npm({ name, version }, work, content) {
    run('npm', ['pack', '--silent', '--ignore-scripts', `${name}@${version}`], work);
    const archive = onlyFile(work, '.tgz');
    run('tar', ['xzf', archive, '--strip-components=1', '-C', content], work);
    return digestFile(archive);
  },
  async pip({ name, version }, work, content) {
    // A pure Python wheel has the sources; an sdist would have to be built, which runs its code.
    const flags = ['--quiet', '--no-deps', '--only-binary', ':all:', '--platform', 'any', '--dest', work];
    run('python3', ['-m', 'pip', 'download', ...flags, `${name}==${version}`], work);
    return unzip(onlyFile(work, '.whl'), content);
  },
  async sdist({ name, version }, work, content) {
    const archive = join(work, 'sdist.tar.gz');
    writeFileSync(archive, await getSdist(name, version));
    run('tar', ['xzf', archive, '--strip-components=1', '-C', content], work);
    return digestFile(archive);
  },
  async maven({ name, version }, work, content) {
    const artifact = `-Dartifact=${name}:${version}:jar:sources`;
    run('mvn', ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${work}`], work);
    return unzip(onlyFile(work, '.jar'), content);
  },
  async go({ name, version }, work, content) {
    const answer = run('go', ['mod', 'download', '-json', `${name}@${version}`], work);
    const { Dir, Zip } = JSON.parse(answer) as { Dir: string; Zip: string };
    cpSync(Dir, content, { recursive: true });
    run('chmod', ['-R', 'u+w', content], work);
    return digestFile(Zip);
  },
  async cargo({ name, version }, work, content) {
    mkdirSync(join(work, 'src'));
    writeFileSync(join(work, 'src', 'lib.rs'), '');
    const manifest = `[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n${name} = { version = "=${version}", default-features = false }\n`;
    writeFileSync(join(work, 'Cargo.toml'), manifest);
    run('cargo', ['vendor', '--quiet', '--versioned-dirs', 'vendor'], work);
    const crate = join(work, 'vendor', `${name}-${version}`);
    const checksum = JSON.parse(readFileSync(join(crate, '.cargo-checksum.json'), 'utf8')) as {
      package: string;
    };
    cpSync(crate, content, { recursive: true });
    return checksum.package;
  },
};

/** pip would run a package's code to ask it for its name; the index that pip asks tells where the archive is: PEP 691. */
async function getSdist(name: string, version: string): Promise<Buffer> {
  const index = run('python3', ['-c', printIndex], '.').trim().replace(/\/$/, '');
  const url = `${index}/${name}/`;
  const answer = await fetchOk(url, { accept: 'application/vnd.pypi.simple.v1+json' });
  const wanted = `${name}-${version}.tar.gz`;
  const file = simpleIndex.parse(await answer.json()).files.find((each) => each.filename === wanted);
  if (file === undefined) throw new Error(`${name} ${version} has no sources.`);
  const archive = await fetchOk(new URL(file.url, url).href);
  return Buffer.from(await archive.arrayBuffer());
}

const printIndex =
  'import os; from pip._internal.models.index import PyPI; print(os.environ.get("PIP_INDEX_URL") or PyPI.simple_url)';

const simpleIndex = z.object({ files: z.array(z.object({ filename: z.string(), url: z.string() })) });

async function fetchOk(url: string, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
  return answer;
}

async function unzip(archive: string, content: string): Promise<string> {
  run('python3', ['-m', 'zipfile', '-e', archive, content], content);
  return digestFile(archive);
}

function onlyFile(folder: string, ending: string): string {
  const [name, ...more] = readdirSync(folder).filter((each) => each.endsWith(ending));
  if (name === undefined || more.length > 0)
    throw new Error(`There is not one file *${ending} in ${folder}.`);
  return join(folder, name);
}

function run(program: string, args: readonly string[], cwd: string): string {
  return execFileSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 300_000,
    maxBuffer: 2 ** 26,
  });
}
