/** A small real repository to open in the editor: this project's own server/base, and the files of the test. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGitFixture } from '../gitFixture.ts';
import type { GitFixture } from '../gitFixture.ts';
import { checkout } from './runFolder.ts';

/** Commits `src/*.ts` (a copy of server/base) and `files`, path -> content. */
export function createWorkspace(files: Readonly<Record<string, string>> = {}): GitFixture {
  const base = join(checkout, 'server', 'base');
  const copies = readdirSync(base)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [`src/${name}`, readFileSync(join(base, name), 'utf8')] as const);
  const fixture = createGitFixture();
  fixture.commit({ ...Object.fromEntries(copies), ...files });
  return fixture;
}

/** Code whose next line even a very small model knows. The last function is empty; {@link basketLine} goes into it. */
export const basketFile = `/** What is in the basket, and what it costs. Prices are in cents. */

export interface Item {
  readonly name: string;
  readonly priceCents: number;
  readonly quantity: number;
}

/** The sum of all items, without delivery. */
export function totalCents(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + item.priceCents * item.quantity, 0);
}

/** Without the items that have run out. */
export function inStock(items: readonly Item[]): Item[] {
  
}
`;
/** 1-based line and column of the place in {@link basketFile} where the next line is missing. */
export const basketCursor = { line: 16, column: 3 };
export const basketLine = 'return ';

/** A folder that looks well in a picture. */
export const pictureFiles = {
  'shop/basket.ts': basketFile,
  'shop/customers.ts': 'export interface Customer {\n  readonly name: string;\n}\n',
  'shop/delivery.ts': 'export const deliveryCents = 490;\n',
  'shop/orders.ts': "import type { Item } from './basket.ts';\n\nexport type Order = readonly Item[];\n",
};

/** A Jupyter notebook of one Python cell; {@link basketLine} goes to its end. */
export const notebookFile = JSON.stringify({
  cells: [
    {
      cell_type: 'code',
      execution_count: null,
      metadata: {},
      outputs: [],
      source: [
        'def width(box):\n',
        '    return box.right - box.left\n',
        '\n',
        '\n',
        'def height(box):\n',
        '    ',
      ],
    },
  ],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
});
