/** Makes sure that a package has the licence that the list says, by the licence file that it ships. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Licence, SourcePackage } from './packageList.ts';

/** Sentences that stand in each licence's text and in no other one's of these: https://spdx.org/licenses/ */
const sentences: Readonly<Record<Licence, readonly RegExp[]>> = {
  MIT: [/Permission is hereby granted, free of charge/],
  'Apache-2.0': [/Apache License\s+Version 2\.0/],
  'BSD-3-Clause': [/Redistributions? (?:and use )?in source and binary forms/, /Neither the name of/i],
  'MIT OR Apache-2.0': [/Permission is hereby granted, free of charge|Apache License\s+Version 2\.0/],
};
/** Whatever else a package ships under, it must not be one of these. */
const copyleft =
  /GNU (?:Lesser |Affero )?General Public License|Mozilla Public License|Eclipse Public License/i;

/** The licence's text, for the notices. @throws Error when it is missing, another one, or a second one stands beside it. */
export function checkLicence(
  folder: string,
  { name, licence }: Pick<SourcePackage, 'name' | 'licence'>,
): string {
  const texts = licenceFiles(folder).map((path) => readFileSync(path, 'utf8'));
  const text = texts.find((each) => {
    const oneLine = each.replace(/\s+/g, ' ');
    return sentences[licence].every((sentence) => sentence.test(oneLine));
  });
  if (text === undefined) throw new Error(`${name}: no licence file says ${licence}.`);
  const other = texts.find((each) => copyleft.test(each.slice(0, 2000)));
  if (other !== undefined) throw new Error(`${name}: a licence file is not permissive.`);
  return text;
}

/** At the top, in META-INF, or where wheels have them. */
function licenceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:.*-)?(?:un)?licen[cs]e|^copying/i.test(entry.name))
    .map((entry) => ({
      path: join(entry.parentPath, entry.name),
      below: entry.parentPath.slice(folder.length),
    }))
    .filter(({ below }) =>
      /^(?:\/?|\/META-INF|\/[^/]+\.dist-info(?:\/licenses)?)$/.test(below.replaceAll('\\', '/')),
    )
    .map(({ path }) => path)
    .sort();
}
