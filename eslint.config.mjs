// Lint rules, and the architecture as code: a folder of server/ imports only folders with a lower number,
// and each native or heavy package has one door. ARCHITECTURE.md explains both.
import tseslint from 'typescript-eslint';

/** The numbers of ARCHITECTURE.md. A folder that is not here may not exist (test/tidy.test.ts). */
export const folderNumbers = {
  base: 0,
  store: 1,
  git: 1,
  gguf: 1,
  secrets: 1,
  stats: 1,
  llama: 2,
  onnx: 2,
  retrieval: 2,
  cursors: 2,
  registry: 2,
  prompt: 3,
  signals: 3,
  completion: 4,
  training: 4,
  evaluation: 4,
  doctor: 5,
  learning: 5,
  lsp: 6,
  cli: 6,
};

/** Package -> the only folder that may import it. */
export const doors = {
  'node:sqlite': 'server/store',

  'node-llama-cpp': 'server/llama',
  'onnxruntime-node': 'server/onnx',
  '@bufbuild/protobuf': 'server/onnx',
  '@secretlint': 'server/secrets',
  '@vscode/tree-sitter-wasm': 'server/retrieval',
  yaml: 'server/evaluation',
  vscode: 'extension',
  lit: 'webview',
  uplot: 'webview',
  '@vscode-elements/elements': 'webview',
  'vscode-languageclient': 'extension',
  'vscode-languageserver': 'server/lsp',
  'vscode-languageserver-textdocument': 'server/lsp',
  commander: 'server/cli',
};

const escape = (text) => text.replace(/[/.]/g, '\\$&');

function doorPatterns(zone) {
  return Object.entries(doors)
    .filter(([, door]) => !zone.startsWith(door))
    .map(([name, door]) => ({
      regex: `^${escape(name)}(/|$)`,
      message: `Only ${door}/ may import ${name}.`,
    }));
}

const restrict = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

function serverZone(folder) {
  const higher = Object.keys(folderNumbers).filter(
    (other) => other !== folder && folderNumbers[other] >= folderNumbers[folder],
  );
  const patterns = doorPatterns(`server/${folder}`);
  if (higher.length > 0) {
    patterns.push({
      regex: `^(\\.\\./)+(server/)?(${higher.join('|')})/`,
      message: `server/${folder}/ has number ${folderNumbers[folder]} and imports lower numbers only.`,
    });
  }
  patterns.push({
    regex: '/(extension|webview|main\\.ts$)',
    message: 'The server knows no editor and no main.ts.',
  });
  if (folderNumbers[folder] < 6) {
    patterns.push({
      // A report is stored, sent and printed as it is.
      regex: '/protocol/(?!evalReport\\.ts$)',
      message: 'Only lsp/, cli/ and main.ts know the protocol; convert there.',
    });
  }
  return { files: [`server/${folder}/**/*.ts`], rules: restrict(patterns) };
}

export default tseslint.config(
  { ignores: ['node_modules', 'dist', '.cache', 'artifacts', 'test/fixtures'] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 4],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  ...Object.keys(folderNumbers).map(serverZone),
  {
    files: ['protocol/**/*.ts'],
    rules: restrict([
      { regex: '/(server|extension|webview)/', message: 'protocol/ imports nothing of the three sides.' },
    ]),
  },
  {
    files: ['extension/**/*.ts'],
    rules: restrict([
      { regex: '/server/', message: 'extension/ imports protocol/ and vscode only.' },
      ...doorPatterns('extension'),
    ]),
  },
  {
    files: ['webview/**/*.ts'],
    rules: restrict([
      { regex: '/(server|extension)/', message: 'webview/ imports protocol/ only.' },
      ...doorPatterns('webview'),
    ]),
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
    },
  },
);
