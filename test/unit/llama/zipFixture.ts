/** Writes small zip archives for tests, stored or deflated. */

import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFile {
  readonly name: string;
  readonly content: Buffer;
  readonly isStored?: boolean;
}

/** An archive with these files; `comment` stands at its very end. */
export function zipOf(files: readonly ZipFile[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offsetBytes = 0;
  for (const { name, content, isStored } of files) {
    const packed = isStored === true ? content : deflateRawSync(content);
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(isStored === true ? 0 : 8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    // The local header has an extra field that the directory has not, as Python's zipfile may write it.
    const localCommon = Buffer.from(common);
    localCommon.writeUInt16LE(4, 24);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), localCommon, nameBytes, Buffer.alloc(4)]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offsetBytes, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), common, tail, nameBytes]));
    parts.push(local, packed);
    offsetBytes += local.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offsetBytes, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, central, end, Buffer.from(comment)]);
}
