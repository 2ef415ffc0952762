import type { Failure } from '../shared/protocol.ts';
import { failure } from './reader.ts';

const code = (e: unknown): string => (e instanceof Error && 'code' in e ? String(e.code) : '');

/** A file system error in words. */
export function fileFailure(path: string, e: unknown): Failure {
  switch (code(e)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return failure(`${path} was not found`, 'There is no such file.', 'Check the path; it may have been moved or deleted.');
    case 'EACCES':
    case 'EPERM':
      return failure(
        `${path} may not be read`,
        'Permission denied.',
        'Captures written by root are often readable by root only: change the owner, e.g. sudo chown $USER FILE.',
      );
    case 'EISDIR':
      return failure(`${path} is a folder`, 'A capture is a file.', 'Give the captures in it, e.g. FOLDER/*.pcap.');
    case 'EMFILE':
      return failure(
        `${path} could not be opened`,
        'Too many files are open.',
        'Analyse fewer captures at once, or raise the limit (ulimit -n).',
      );
    default:
      return failure(
        `${path} could not be read`,
        e instanceof Error ? e.message : String(e),
        'Copy the file to a local disk and try again.',
      );
  }
}

export const emptyFile = (name: string): Failure =>
  failure(
    `${name}: the file is empty`,
    'It has 0 bytes.',
    'Was the capture stopped before its first packet was written? tcpdump -U writes each packet at once.',
    0,
  );
