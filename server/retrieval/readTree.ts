/** Reads break costs and definitions off a syntax tree, the same way for all grammars; it parses nothing itself. */

import type { Tree, TreeCursor } from '@vscode/tree-sitter-wasm';
import { lineBreakCosts, maxBreakCost } from './chunk.ts';

export interface Definition {
  readonly name: string;
  /** 1-based lines of the whole definition, both included, with the comments and decorators above it. */
  readonly startLine: number;
  readonly endLine: number;
}

export interface SyntaxFacts {
  /** Cost of a break before each line, as packChunks wants it. */
  readonly costs: Uint8Array;
  readonly definitions: readonly Definition[];
}

/**
 * Node types of the grammars in @vscode/tree-sitter-wasm fall into these patterns (their `node-types.json` files, for
 * example https://github.com/tree-sitter/tree-sitter-python/blob/master/src/node-types.json).
 */
const definitionType =
  /^(?:(?:async_)?function|method|class|interface|struct|enum|trait|type|union|module|namespace|mod|const|static|macro|constructor|record|property|field|variable|constant|singleton_method|delegate|event)(?:_(?:alias|public))?(?:_(?:declaration|definition|item|specifier|spec|declarator|signature|elem))?$|^(?:abstract_class_declaration|internal_module|generator_function_declaration|public_field_definition|method_elem|assignment|type_identifier_definition|preproc_def|preproc_function_def)$/;
/** Functions are none of these: what is inside them is local, and not defined for anybody else. */
const containerType =
  /(?:^|_)(?:class|interface|struct|enum|impl|trait|module|namespace|mod|object|record|internal_module|extern|linkage)(?:_|$)|^(?:export_statement|decorated_definition|lexical_declaration|variable_declaration|type_declaration|const_declaration|var_declaration|const_spec_list|type_spec|ambient_declaration|expression_statement|declaration|field_declaration|template_declaration|body_statement|declaration_list|class_body|block|enum_body|interface_body|preproc_ifdef|preproc_if|singleton_class|field_declaration_list|interface_type|struct_type)$/;
const leadType = /comment|decorator|attribute_item|annotation|attribute_list/;
const maxDepth = 8;
/** Units below the top cost more to separate from each other, the deeper the more. */
const costPerDepth = 8;
/** Inside a unit a break costs at least this. */
const insideUnit = 40;

export function readTree(tree: Tree, text: string, lines: readonly string[]): SyntaxFacts {
  const byLines = lineBreakCosts(lines);
  const costs = byLines.map((cost) => Math.min(254, insideUnit + cost));
  const definitions: Definition[] = [];
  const cursor = tree.walk();
  try {
    visitChildren({ cursor, text, lines, costs, definitions }, 0);
  } finally {
    cursor.delete();
  }
  costs[0] = 0;
  return { costs, definitions };
}

interface Visit {
  readonly cursor: TreeCursor;
  readonly text: string;
  readonly lines: readonly string[];
  /** Lowered where a unit starts. */
  readonly costs: Uint8Array;
  /** Added to. */
  readonly definitions: Definition[];
}

function visitChildren(visit: Visit, depth: number): void {
  const { cursor } = visit;
  if (depth > maxDepth || !cursor.gotoFirstChild()) return;
  let leadRow: number | undefined;
  let leadEndRow = -2;
  do {
    if (!cursor.nodeIsNamed) continue;
    const type = cursor.nodeType;
    const startRow = cursor.startPosition.row;
    const endRow = cursor.endPosition.row;
    const isAttached = leadRow !== undefined && startRow <= leadEndRow + 1;
    const unitRow = isAttached ? (leadRow as number) : startRow;
    if (leadType.test(type)) {
      if (!isAttached) leadRow = startRow;
      markUnit(visit, unitRow, startRow, depth);
      leadEndRow = cursor.endPosition.column === 0 && endRow > startRow ? endRow - 1 : endRow;
      continue;
    }
    markUnit(visit, unitRow, startRow, depth);
    leadRow = undefined;
    visitUnit(visit, type, unitRow, depth);
  } while (cursor.gotoNextSibling());
  cursor.gotoParent();
}

function visitUnit(visit: Visit, type: string, unitRow: number, depth: number): void {
  const name = definitionType.test(type) ? nameOf(visit.cursor, visit.text, type) : undefined;
  if (name !== undefined) {
    const endLine = visit.cursor.endPosition.row + 1;
    visit.definitions.push({ name, startLine: unitRow + 1, endLine });
  }
  if (containerType.test(type)) {
    visitChildren(visit, type === 'export_statement' || type.endsWith('_body') ? depth : depth + 1);
  }
}

/** A break before the first line of a unit is cheap; between its comments and itself there is none. */
function markUnit({ costs, lines }: Visit, unitRow: number, startRow: number, depth: number): void {
  if (unitRow >= costs.length) return;
  const isAfterBlank = unitRow === 0 || !/\S/.test(lines[unitRow - 1] ?? '');
  const cost = depth * costPerDepth + (isAfterBlank ? 0 : 6);
  costs[unitRow] = Math.min(costs[unitRow] as number, cost);
  for (let row = unitRow + 1; row <= startRow && row < costs.length; row++) costs[row] = maxBreakCost;
}

/** The `name` field, or what stands in its place in C declarators, Python assignments and Ruby constants. */
function nameOf(cursor: TreeCursor, text: string, type: string): string | undefined {
  const found = childText(cursor, text, ['name', 'left', 'declarator']);
  if (found === undefined) return undefined;
  const match = /[\p{L}_$][\p{L}\p{N}_$]*(?=\s*(?:\(|$|<|\[))/u.exec(found.split('\n', 1)[0] ?? '');
  if (match === null) return undefined;
  if (type === 'assignment' && /[.[,]/.test(found)) return undefined;
  return match[0].length < 2 ? undefined : match[0];
}

function childText(cursor: TreeCursor, text: string, fields: readonly string[]): string | undefined {
  if (!cursor.gotoFirstChild()) return undefined;
  let found: string | undefined;
  do {
    const field = cursor.currentFieldName;
    if (field !== null && fields.includes(field)) {
      found = text.slice(cursor.startIndex, Math.min(cursor.endIndex, cursor.startIndex + 200));
      break;
    }
  } while (cursor.gotoNextSibling());
  cursor.gotoParent();
  return found;
}
